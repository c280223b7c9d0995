"""Writing MATLAB 5 files: the nested structs of the official annotations.

``scipy.io.savemat`` puts the date into the header, so equal data give different
bytes, and needs minutes and gigabytes for the millions of structs of a large gallery.
Here an array becomes its final bytes at once, equal parts can be encoded once and
repeated, and a file is compressed while it is written. As MATLAB does, whole numbers
are doubles in the smallest integer type that holds them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from mmpsearch.utils.atomic import replace_when_done

_INT8, _UINT8, _INT16, _UINT16, _INT32, _UINT32 = 1, 2, 3, 4, 5, 6
_DOUBLE, _MATRIX, _COMPRESSED, _UTF8 = 9, 14, 15, 16
_CELL_CLASS, _STRUCT_CLASS, _CHAR_CLASS, _DOUBLE_CLASS = 1, 2, 4, 6
_HEADER = b"MATLAB 5.0 MAT-file, synthetic data set in an official layout"


def _element(kind: int, data: bytes) -> bytes:
    """A tagged, padded data element; short ones are packed into their tag."""
    if 0 < len(data) <= 4:
        return struct.pack("<HH", kind, len(data)) + data.ljust(4, b"\0")
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def _head(class_: int, shape: Iterable[int], name: str = "") -> bytes:
    dims = np.array(tuple(shape), "<i4").tobytes()
    flags = _element(_UINT32, struct.pack("<II", class_, 0))
    return flags + _element(_INT32, dims) + _element(_INT8, name.encode())


def _matrix(body: bytes) -> bytes:
    return struct.pack("<II", _MATRIX, len(body)) + body


def _numbers(values: np.ndarray) -> bytes:
    """Data element of doubles, stored in the smallest sufficient integer type."""
    kinds = (
        (_UINT8, "<u1"),
        (_UINT16, "<u2"),
        (_INT16, "<i2"),
        (_INT32, "<i4"),
    )
    flat = values.astype("<f8").ravel(order="F")
    if np.array_equal(flat, np.round(flat)):
        for kind, code in kinds:
            limits = np.iinfo(code)
            if not flat.size or (flat.min() >= limits.min and flat.max() <= limits.max):
                return _element(kind, flat.astype(code).tobytes())
    return _element(_DOUBLE, flat.tobytes())


def numeric(values: np.ndarray, name: str = "") -> bytes:
    """A matrix of doubles; a vector becomes a row, a scalar 1 x 1."""
    values = np.asarray(values)
    values = values.reshape(1, -1) if values.ndim < 2 else values
    return _matrix(_head(_DOUBLE_CLASS, values.shape, name) + _numbers(values))


def text(value: str) -> bytes:
    """A row of characters."""
    data = value.encode()
    return _matrix(_head(_CHAR_CLASS, (1, len(value))) + _element(_UTF8, data))


def cell(items: list[bytes], shape: tuple[int, int], name: str = "") -> bytes:
    """A cell array of encoded matrices, in column-major order."""
    return _matrix(_head(_CELL_CLASS, shape, name) + b"".join(items))


def _struct_head(fields: tuple[str, ...], shape: tuple[int, int], name: str) -> bytes:
    width = 32
    names = b"".join(field.encode().ljust(width, b"\0") for field in fields)
    return (
        _head(_STRUCT_CLASS, shape, name)
        + _element(_INT32, struct.pack("<i", width))
        + _element(_INT8, names)
    )


def record(fields: tuple[str, ...], rows: Iterable[bytes], count: int) -> bytes:
    """A 1 x ``count`` struct array; each row is its fields' matrices, joined."""
    return _matrix(_struct_head(fields, (1, count), "") + b"".join(rows))


def write_mat(path: Path, matrix: Callable[[str], Iterable[bytes]], name: str) -> None:
    """Write one variable to a compressed MATLAB 5 file.

    Args:
        path: File; written under a temporary name first.
        matrix: Given the variable's name, yields the matrix's body (without its tag)
            in pieces. It is called twice, and must give the same pieces.
        name: Name of the variable.
    """
    size = sum(len(piece) for piece in matrix(name))
    if size >= 2**32:
        raise ValueError(
            f"{path}: {name} needs {size} bytes, more than a .mat file holds"
        )
    with replace_when_done(path) as temporary, open(temporary, "wb") as file:
        file.write(_HEADER.ljust(124) + struct.pack("<H2s", 0x0100, b"IM"))
        packer = zlib.compressobj(4)
        file.write(struct.pack("<II", _COMPRESSED, 0))
        packed = file.write(packer.compress(struct.pack("<II", _MATRIX, size)))
        for piece in matrix(name):
            packed += file.write(packer.compress(piece))
        packed += file.write(packer.flush())
        file.seek(128)
        file.write(struct.pack("<II", _COMPRESSED, packed))


def save_matrix(path: Path, name: str, encode: Callable[[str], bytes]) -> None:
    """Write a variable that fits into memory; ``encode(name)`` gives its matrix."""
    write_mat(path, lambda name: (encode(name)[8:],), name)


def save_structs(
    path: Path,
    name: str,
    fields: tuple[str, ...],
    count: int,
    rows: Callable[[], Iterable[bytes]],
) -> None:
    """Write a 1 x ``count`` struct array row by row; ``rows()`` starts anew."""

    def pieces(name: str) -> Iterable[bytes]:
        yield _struct_head(fields, (1, count), name)
        yield from rows()

    write_mat(path, pieces, name)


def save_variables(path: Path, matrices: Iterable[bytes]) -> None:
    """Write several encoded, named variables to a compressed MATLAB 5 file."""
    with replace_when_done(path) as temporary, open(temporary, "wb") as file:
        file.write(_HEADER.ljust(124) + struct.pack("<H2s", 0x0100, b"IM"))
        for matrix in matrices:
            packed = zlib.compress(matrix, 4)
            file.write(struct.pack("<II", _COMPRESSED, len(packed)) + packed)

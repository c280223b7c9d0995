"""Read the struct arrays of large MATLAB files piece by piece.

``scipy.io.loadmat`` turns every cell of a struct array into NumPy objects, which for
CUHK-SYSU's TestG4000 (11.6 million gallery entries) takes 13 GiB. This module walks
the decompressed bytes instead: the fields of a variable come one at a time as raw
bytes, and the cells of a struct array are located with array operations.

Format: "MAT-File Format", MathWorks, level 5 files, little-endian. A *matrix element*
is tag, array flags, dimensions, name and content; every part is padded to 8 bytes.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmpsearch.errors import MatFileError

MI_MATRIX, MI_COMPRESSED = 14, 15
MX_CELL, MX_STRUCT, MX_CHAR = 1, 2, 4
_NUMERIC = {1: "i1", 2: "u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4"} | {
    7: "<f4", 9: "<f8", 12: "<i8", 13: "<u8", 16: "u1", 17: "<u2", 18: "<u4",
}  # fmt: skip
# Tag and array flags of a matrix element, as two 8-byte words.
_FLAGS_TAG = np.uint64(6 | 8 << 32)
_CHUNK = 1 << 20
LONGEST_TEXT = 4096  # characters of a name; a damaged length may be any number


@dataclass(frozen=True)
class Part:
    """A data element inside a buffer: element type, byte range, next element."""

    kind: int
    begin: int
    end: int
    following: int


@dataclass(frozen=True)
class MatrixHeader:
    """Class, dimensions and name of a matrix, and where its content begins."""

    matrix_class: int
    dims: tuple[int, ...]
    name: str
    content: int

    @property
    def size(self) -> int:
        return math.prod(self.dims)


def read_part(buffer: bytes, position: int) -> Part:
    """The data element whose tag is at ``position`` (both tag formats)."""
    kind, length = struct.unpack_from("<II", buffer, position)
    if kind >> 16:
        begin = position + 4
        return Part(kind & 0xFFFF, begin, begin + (kind >> 16), position + 8)
    begin = position + 8
    return Part(kind, begin, begin + length, begin + length + -length % 8)


def read_header(buffer: bytes, position: int) -> MatrixHeader:
    """The header of a matrix; ``position`` is just after the matrix's own tag."""
    flags = read_part(buffer, position)
    matrix_class = buffer[flags.begin]
    dims = read_part(buffer, flags.following)
    name = read_part(buffer, dims.following)
    return MatrixHeader(
        matrix_class,
        tuple(np.frombuffer(buffer[dims.begin : dims.end], "<i4").tolist()),
        buffer[name.begin : name.end].decode("latin1"),
        name.following,
    )


def read_numeric(buffer: bytes, position: int) -> np.ndarray:
    """Flat float64 values of a real matrix; ``position`` is that of its tag."""
    header = read_header(buffer, position + 8)
    if header.size == 0:
        return np.zeros(0)
    part = read_part(buffer, header.content)
    values = np.frombuffer(buffer[part.begin : part.end], _NUMERIC[part.kind])
    return values.astype(np.float64)


def read_text(buffer: bytes, position: int) -> str:
    """Text of a one-row char matrix; ``position`` is that of its tag."""
    header = read_header(buffer, position + 8)
    if header.size == 0:
        return ""
    part = read_part(buffer, header.content)
    values = np.frombuffer(buffer[part.begin : part.end], _NUMERIC[part.kind])
    if len(values) > LONGEST_TEXT:
        raise ValueError(f"a name of {len(values)} characters")
    return "".join(map(chr, values.tolist()))


@dataclass(frozen=True)
class StructArray:
    """The raw bytes of a struct array and where its cells lie.

    Attributes:
        buffer: Content of the matrix element (after its tag).
        fields: Field names.
        cells: (elements, fields) int64 byte position of every cell's tag.
    """

    buffer: bytes
    fields: list[str]
    cells: np.ndarray

    @classmethod
    def parse(cls, buffer: bytes) -> "StructArray":
        header = read_header(buffer, 0)
        if header.matrix_class != MX_STRUCT:
            raise ValueError(f"class {header.matrix_class} is not a struct array")
        fields, start = read_field_names(buffer, header.content)
        cells = _locate_cells(buffer, start, header.size * len(fields))
        return cls(buffer, fields, cells.reshape(header.size, len(fields)))

    def column(self, field: str) -> np.ndarray:
        """(elements,) positions of one field's cells."""
        if field not in self.fields:
            raise ValueError(f"no field {field!r} among {self.fields}")
        return self.cells[:, self.fields.index(field)]

    def texts(self, field: str) -> np.ndarray:
        """(elements,) bytes strings of a field of one-row char matrices."""
        positions = self.column(field)
        words = np.frombuffer(self.buffer, "<u8", len(self.buffer) // 8)
        regular = np.zeros(len(positions), dtype=bool)
        if len(positions):
            at = positions // 8
            # Two dimensions, empty name: then the content's tag is at byte 48.
            inside = at + 7 < len(words)
            at = np.where(inside, at, 0)
            dims, name, tag = words[at + 3], words[at + 5], words[at + 6]
            regular = inside & (dims == (5 | 8 << 32)) & (name == 1)
        if not regular.all() or not len(positions):
            texts = [read_text(self.buffer, p).encode() for p in positions.tolist()]
            return np.array(texts, dtype="S")
        low, high = (tag & 0xFFFFFFFF).astype(np.int64), (tag >> 32).astype(np.int64)
        small = low >> 16 > 0
        kinds = np.where(small, low & 0xFFFF, low)
        lengths = np.where(small, low >> 16, high)
        begins = positions + np.where(small, 52, 56)
        if lengths.max() > 2 * LONGEST_TEXT or (begins + lengths).max() > len(
            self.buffer
        ):
            raise ValueError(f"a name of {lengths.max()} bytes")
        widths = np.where(np.isin(kinds, (4, 17)), 2, 1)
        steps = np.arange(max(1, (lengths // widths).max()))
        taken = begins[:, None] + steps * widths[:, None]
        inside = steps < (lengths // widths)[:, None]
        raw = np.frombuffer(self.buffer, np.uint8)[np.where(inside, taken, 0)]
        raw = np.ascontiguousarray(np.where(inside, raw, 0).astype(np.uint8))
        return raw.view(f"S{raw.shape[1]}")[:, 0]

    def sizes(self, field: str) -> np.ndarray:
        """(elements,) number of entries of each matrix of a field."""
        positions = self.column(field)
        pairs = np.frombuffer(self.buffer, "<i4", len(self.buffer) // 4)
        at = positions // 4
        # An element of zero bytes stands for an empty matrix.
        empty = pairs[at + 1] == 0
        at = np.where(empty, 0, at)
        return np.where(empty, 0, pairs[at + 8].astype(np.int64) * pairs[at + 9])


def read_field_names(buffer: bytes, position: int) -> tuple[list[str], int]:
    """Field names of a struct array, and where its first cell begins."""
    width_part = read_part(buffer, position)
    (width,) = struct.unpack_from("<i", buffer, width_part.begin)
    names_part = read_part(buffer, width_part.following)
    raw = buffer[names_part.begin : names_part.end]
    names = [raw[i : i + width] for i in range(0, len(raw), width)]
    fields = [name.split(b"\0")[0].decode("latin1") for name in names]
    return fields, names_part.following


def _locate_cells(buffer: bytes, start: int, count: int) -> np.ndarray:
    """(count,) byte positions of consecutive matrix elements from ``start`` on.

    Candidates are found by their tag and flags; they are right when each ends where
    the next begins. Otherwise (empty elements, chance matches) one walks.
    """
    words = np.frombuffer(buffer, "<u8", len(buffer) // 8)[start // 8 :]
    is_cell = (words[:-1] & 0xFFFFFFFF == MI_MATRIX) & (words[1:] == _FLAGS_TAG)
    found = np.flatnonzero(is_cell)
    ends = found + 1 + (words[found] >> 32).astype(np.int64) // 8
    if len(found) == count and (
        count == 0
        or (found[0] == 0 and ends[-1] == len(words) and (found[1:] == ends[:-1]).all())
    ):
        return found * 8 + start
    positions, position = [], start
    for _ in range(count):
        part = read_part(buffer, position)
        if part.kind != MI_MATRIX:
            raise ValueError(f"element of type {part.kind} where a matrix should be")
        positions.append(position)
        position = part.following
    return np.array(positions, dtype=np.int64)


class _Stream:
    """Bytes of one top-level element, decompressed as they are asked for."""

    def __init__(self, file, length: int, compressed: bool) -> None:
        self._file, self._left = file, length
        self._inflate = zlib.decompressobj() if compressed else None
        self._ready = bytearray()

    def _more(self) -> bytes:
        if self._inflate is not None and self._inflate.unconsumed_tail:
            return self._inflate.decompress(self._inflate.unconsumed_tail, _CHUNK)
        raw = self._file.read(min(_CHUNK, self._left))
        self._left -= len(raw)
        if not raw:
            raise EOFError("it ends in the middle of a variable")
        return self._inflate.decompress(raw, _CHUNK) if self._inflate else raw

    def read(self, count: int) -> bytes:
        while len(self._ready) < count:
            self._ready += self._more()
        taken = bytes(memoryview(self._ready)[:count])
        del self._ready[:count]
        return taken

    def read_part(self) -> bytes:
        """One padded data element with its tag."""
        tag = self.read(8)
        return tag + self.read(read_part(tag + bytes(8), 0).following - 8)


@contextmanager
def open_struct(path: str | Path, name: str | None):
    """Open a struct-array variable and give its cells one after the other.

    Args:
        path: A MATLAB level 5 file (``-v6`` or ``-v7``).
        name: Name of the variable; None: the first struct array, whatever its name.

    Yields:
        Tuple of the number of elements, the field names, and an iterator over
        the cells' contents (bytes without the matrix tag; empty for an empty
        element), element after element, field after field.

    Raises:
        MatFileError: Not such a file, no such variable, or cut off.
    """
    with open(path, "rb") as file:
        try:
            header = file.read(128)
            if header[:10] == b"MATLAB 7.3" or header[1:4] == b"HDF":
                raise MatFileError(
                    f"{path} was saved in MATLAB's version 7.3 format (HDF5). Save it "
                    "again with the option '-v7'."
                )
            if len(header) < 128 or header[126:128] != b"IM":
                raise MatFileError(
                    f"{path} is not a little-endian MATLAB version 5 file; it may be "
                    "damaged, download it again."
                )
            yield _find_struct(file, path, name)
        except MatFileError:
            raise
        except (EOFError, zlib.error, struct.error, LookupError, ValueError) as error:
            raise MatFileError(
                f"{path} is damaged or cut off ({error}); download it again."
            ) from error


def _find_struct(
    file, path, name: str | None
) -> tuple[int, list[str], Iterator[bytes]]:
    names = []
    while tag := file.read(8):
        kind, length = struct.unpack("<II", tag)
        end = file.tell() + length
        stream = _Stream(file, length, kind == MI_COMPRESSED)
        if kind == MI_COMPRESSED:
            kind, length = struct.unpack("<II", stream.read(8))
        if kind == MI_MATRIX:
            parts = b"".join(stream.read_part() for _ in range(3))
            header = read_header(parts, 0)
            names.append(header.name)
            is_first = name is None and header.matrix_class == MX_STRUCT
            if header.name == name or is_first:
                if header.matrix_class != MX_STRUCT:
                    raise MatFileError(f"{path}: {name!r} is not a struct array.")
                parts = stream.read_part() + stream.read_part()
                fields, _ = read_field_names(parts, 0)
                cells = _cells(stream, header.size * len(fields))
                return header.size, fields, cells
        file.seek(end)
    wanted = "struct array" if name is None else f"variable {name!r}"
    raise MatFileError(f"{path} has no {wanted}, it has {names}.")


def _cells(stream: _Stream, count: int) -> Iterator[bytes]:
    for _ in range(count):
        kind, length = struct.unpack("<II", stream.read(8))
        if kind != MI_MATRIX:
            raise EOFError(f"element of type {kind} where a matrix should be")
        yield stream.read(length)

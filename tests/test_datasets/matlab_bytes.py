"""The bytes of MATLAB level 5 files as MATLAB itself writes them."""

import struct
import zlib

import numpy as np


def element(kind, data):
    """A data element as MATLAB writes it: small ones within their tag."""
    if 0 < len(data) <= 4:
        tag = kind.to_bytes(2, "little") + len(data).to_bytes(2, "little")
        return tag + data.ljust(4, b"\0")
    tag = kind.to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return tag + data + bytes(-len(data) % 8)


def body(matrix_class, dims, content):
    flags = element(6, bytes([matrix_class]) + bytes(7))
    return (
        flags
        + element(5, np.array(dims, "<i4").tobytes())
        + element(1, b"")
        + (content)
    )


def matrix(matrix_class, dims, content):
    return element(14, body(matrix_class, dims, content))


def char(text, kind):
    data = text.encode("utf-16-le" if kind == 4 else "utf-8")
    return matrix(4, (1, len(text)), element(kind, data))


def field_names(fields):
    """The part of a struct array before its cells."""
    names = b"".join(field.encode().ljust(32, b"\0") for field in fields)
    return element(5, (32).to_bytes(4, "little")) + element(1, names)


def matlab_struct(cells, fields=("f",)):
    """Content of a struct array; cells element after element, field after field."""
    dims = (1, len(cells) // len(fields))
    return body(2, dims, field_names(fields) + b"".join(cells))


def write_compressed_struct(path, name, fields, elements):
    """Write a level 5 file with one compressed struct array, piece by piece.

    ``elements`` holds the cells of one struct each, as bytes.
    """
    start = body(2, (1, len(elements)), b"")[:-8]
    start += element(1, name.encode()) + field_names(fields)
    total = len(start) + sum(map(len, elements))
    packer = zlib.compressobj(1)
    packed = packer.compress(struct.pack("<II", 14, total) + start)
    for content in elements:
        packed += packer.compress(content)
    packed += packer.flush()
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<HH", 0x0100, 0x4D49)
    path.write_bytes(header + struct.pack("<II", 15, len(packed)) + packed)

"""What of a MATLAB file would end the process that reads it, seen beforehand."""

from __future__ import annotations

import struct
import zlib

from mmpsearch.datasets.io.mat5 import (
    MI_COMPRESSED,
    MI_MATRIX,
    read_header,
    read_part,
)
from mmpsearch.errors import MatFileError

HEADER_LENGTH = 128
CONTAINERS = (1, 2, 3, 16, 17)  # cell, struct, object, function handle, opaque
OPAQUE, SPARSE = 17, 5  # one has no dimensions, the other less than they say
FLAGS, DIMENSIONS = 6, 5  # types of a matrix's first two parts
TYPES = {*range(1, 8), 9, *range(12, 19)}  # of data elements; the others are reserved
DEEPEST = 100  # data sets nest 3; SciPy's reader overflows its stack at thousands


Content = tuple[bytes, int, int, int]  # buffer, begin, end, depth


def check_survivable(data: bytes, deepest: int = DEEPEST) -> None:
    """Refuse what SciPy's reader would not survive in a level 5 file.

    It is compiled, and believes a file: arrays in arrays overflow its stack, and types
    and sizes that the format does not have make it read, or count to, what is not
    there. Walks without recursion. A file of another kind is left to the real reader,
    which says so.

    Args:
        data: The whole file.
        deepest: Levels of arrays in arrays that are accepted.

    Raises:
        MatFileError: What is wrong, without the file's name.
    """
    if data[126:128] != b"IM":
        return
    waiting: list[Content] = [(data, HEADER_LENGTH, len(data), 0)]
    while waiting:
        buffer, position, end, depth = waiting.pop()
        if depth > deepest:
            raise MatFileError(f"holds cells in cells, more than {deepest} deep")
        try:
            waiting += _arrays(buffer, position, end, depth)
        except (struct.error, IndexError, zlib.error) as error:
            raise MatFileError("is cut, or damaged inside") from error


def _arrays(buffer: bytes, position: int, end: int, depth: int) -> list[Content]:
    """Where the content of the arrays lies that are among consecutive elements.

    Raises:
        MatFileError: One of the elements is of no type, or of no size.
    """
    found = []
    while position < end:
        part = read_part(buffer, position)
        if part.kind not in TYPES:
            raise MatFileError(f"holds an element of type {part.kind}")
        if part.end > end:
            raise MatFileError("is cut, or ends inside one of its elements")
        position = part.following
        if part.kind == MI_COMPRESSED:
            inner = zlib.decompress(buffer[part.begin : part.end])
            found.append((inner, 0, len(inner), depth))
            position = part.end  # compressed elements are not padded
        elif part.kind == MI_MATRIX and part.end > part.begin:
            found += _content(buffer, part.begin, part.end, depth)
    return found


def _content(buffer: bytes, begin: int, end: int, depth: int) -> list[Content]:
    """Where the parts of one matrix lie, behind its header."""
    flags = read_part(buffer, begin)
    if buffer[flags.begin] == OPAQUE:
        return []
    dims = read_part(buffer, flags.following)
    length = dims.end - dims.begin
    wrong = (flags.kind, dims.kind) != (FLAGS, DIMENSIONS) or dims.end > end
    if wrong or length < 8 or length % 4:
        raise MatFileError("holds a matrix without dimensions")
    header = read_header(buffer, begin)
    if min(header.dims) < 0 or (
        header.matrix_class != SPARSE and header.size > end - header.content
    ):
        sizes = " x ".join(map(str, header.dims))
        raise MatFileError(f"holds a matrix of {sizes} in {end - header.content} bytes")
    inside = depth + (header.matrix_class in CONTAINERS)
    return [(buffer, header.content, end, inside)]

"""How deeply the arrays of a MATLAB file are nested: cells, structs, objects."""

from __future__ import annotations

import struct
import zlib

from mmpsearch.datasets.io.mat5 import (
    MI_COMPRESSED,
    MI_MATRIX,
    read_header,
    read_part,
)

HEADER_LENGTH = 128
CONTAINERS = (1, 2, 3, 16, 17)  # cell, struct, object, function handle, opaque
DEEPEST = 100  # data sets nest 3; SciPy's reader overflows its stack at thousands


def is_nested_deeply(data: bytes, deepest: int = DEEPEST) -> bool:
    """Whether arrays in arrays of a level 5 file lie deeper than ``deepest``.

    Walks without recursion. A file of another kind, or a damaged one, is left to the
    real reader, which says what is wrong: the answer is False.

    Args:
        data: The whole file.
        deepest: Levels that are accepted.
    """
    if data[126:128] != b"IM":
        return False
    waiting = [(data, HEADER_LENGTH, len(data), 0)]
    while waiting:
        buffer, position, end, depth = waiting.pop()
        if depth > deepest:
            return True
        try:
            waiting += _containers(buffer, position, end, depth)
        except (struct.error, IndexError, ValueError, zlib.error):
            continue
    return False


def _containers(
    buffer: bytes, position: int, end: int, depth: int
) -> list[tuple[bytes, int, int, int]]:
    """Arrays of arrays among consecutive elements: where their content lies."""
    found = []
    while position < end:
        part = read_part(buffer, position)
        if part.kind == MI_COMPRESSED:
            inner = zlib.decompress(buffer[part.begin : part.end])
            found.append((inner, 0, len(inner), depth))
            position = part.end  # compressed elements are not padded
            continue
        if part.kind == MI_MATRIX and part.end > part.begin:
            header = read_header(buffer, part.begin)
            if header.matrix_class in CONTAINERS:
                # The names of fields come first; they are elements like any other.
                found.append((buffer, header.content, part.end, depth + 1))
        position = part.following
    return found

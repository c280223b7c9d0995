"""Damage files at random, as disks, downloads and people do it."""

import json
import random
import re
from collections.abc import Callable

EXTREMES = (0, 1, 2, 127, 128, 255, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
VALUES = (
    None,
    True,
    -1,
    0,
    1.5,
    10**400,
    2**63,
    -(2**31),
    1e308,
    "",
    "nan",
    "a\0b",
    "\ud800",
    "../../x",
    "x" * 5000,
    [],
    [[]],
    {},
    {"a": None},
)
CELLS = ("", "nan", "-1", "1e999", "9" * 5000, '"', "\0", "x" * 9000, ",,,", "ä;", "0x")


def damaged(data: bytes, draw: random.Random) -> bytes:
    """One to four changes of bytes: bits, numbers, parts cut, doubled, swapped."""
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        data = draw.choice(_CHANGES)(data, draw)
    return data


def damaged_json(data: bytes, draw: random.Random) -> bytes:
    """Values of other types and sizes, keys that are gone; or bytes, as `damaged`."""
    if draw.random() < 0.4:
        return damaged(data, draw)
    content = json.loads(data)
    for _ in range(draw.choice((1, 1, 2))):
        places = list(_places(content))
        if not places:
            break
        holder, key = draw.choice(places)
        if draw.random() < 0.2:
            del holder[key]
        else:
            holder[key] = draw.choice(VALUES)
    text = json.dumps(content)
    if draw.random() < 0.2:
        numbers = list(re.finditer(r"\d+", text))
        if numbers:
            found = draw.choice(numbers)
            put = draw.choice(("NaN", "-Infinity", "1e400", "9" * 5000, "[" * 3000))
            text = text[: found.start()] + put + text[found.end() :]
    return text.encode()


def damaged_table(data: bytes, draw: random.Random) -> bytes:
    """Other cells, lines that are gone or doubled; or bytes, as `damaged`."""
    if draw.random() < 0.4:
        return damaged(data, draw)
    lines = data.decode().split("\n")
    for _ in range(draw.choice((1, 1, 3))):
        number = draw.randrange(len(lines))
        how = draw.random()
        if how < 0.7:
            cells = lines[number].split(",")
            cells[draw.randrange(len(cells))] = draw.choice(CELLS)
            lines[number] = ",".join(cells)
        elif how < 0.85:
            lines.insert(number, draw.choice(lines))
        elif len(lines) > 1:
            del lines[number]
    return "\n".join(lines).encode()


def _places(content):
    keys = content if isinstance(content, dict) else range(len(content))
    for key in keys:
        yield content, key
        if isinstance(content[key], dict | list):
            yield from _places(content[key])


def _flip_bits(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 3, 20)) if changed else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _flip_in_header(data: bytes, draw: random.Random) -> bytes:
    return _flip_bits(data[:256], draw) + data[256:]


def _number(data: bytes, draw: random.Random) -> bytes:
    size = draw.choice((1, 2, 4, 8))
    number = draw.choice(EXTREMES) % 256**size
    begin = draw.randrange(max(1, len(data) - size))
    put = number.to_bytes(size, draw.choice(("little", "big")))
    return data[:begin] + put + data[begin + size :]


def _cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _remove(data: bytes, draw: random.Random) -> bytes:
    begin = draw.randrange(len(data) + 1)
    return data[:begin] + data[begin + draw.choice((1, 4, 64, 512)) :]


def _double(data: bytes, draw: random.Random) -> bytes:
    begin = draw.randrange(len(data) + 1)
    part = data[begin : begin + draw.choice((4, 64, 1024))]
    return data[:begin] + part * draw.choice((2, 50)) + data[begin + len(part) :]


def _zeros(data: bytes, draw: random.Random) -> bytes:
    begin = draw.randrange(len(data) + 1)
    length = min(draw.choice((4, 64, 4096)), len(data) - begin)
    return data[:begin] + bytes(length) + data[begin + length :]


def _noise(data: bytes, draw: random.Random) -> bytes:
    begin = draw.randrange(len(data) + 1)
    length = draw.choice((1, 8, 128))
    return data[:begin] + draw.randbytes(length) + data[begin + length :]


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip_bits,
    _flip_bits,
    _flip_in_header,
    _number,
    _number,
    _cut,
    _remove,
    _double,
    _zeros,
    _noise,
)

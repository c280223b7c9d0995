"""Text for a terminal that other people chose: names of files and cameras."""

from __future__ import annotations


def printable(text: str) -> str:
    """Show what cannot be printed as ``\\x1b``, ``\\xff``, ``\\u202e``.

    Control characters move the cursor and change titles, marks of direction show a name
    in another order, and bytes that are not UTF-8 (which Python keeps as lone
    surrogates) cannot be printed at all. Line breaks stay.
    """
    return "".join(
        one if one.isprintable() or one == "\n" else _escaped(one) for one in text
    )


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")

"""Numbers for people and cameras that users name as they like."""

from __future__ import annotations

from collections.abc import Iterable

NOBODY = frozenset(["", "-1", "nan", "none", "null", "na", "n/a", "<na>"])


def is_nobody(name: str) -> bool:
    """Whether a cell is empty: as text, as -1, or as pandas and others write it."""
    return name.lower() in NOBODY


def numbered(names: Iterable[str]) -> dict[str, int]:
    """Number texts in sorted order, whole numbers by value; empty cells are -1."""
    distinct = set(names)
    empty = {name for name in distinct if is_nobody(name)} | {"", "-1"}
    distinct -= empty
    whole = all(name.isdecimal() for name in distinct)
    order = sorted(distinct, key=(lambda n: (int(n), n)) if whole else None)
    return {name: number for number, name in enumerate(order)} | dict.fromkeys(
        empty, -1
    )

"""Removing people, and putting down that they must not come back."""

from __future__ import annotations

import numpy as np

from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import join
from mmpsearch.gallery.store import Store
from mmpsearch.gallery.suppression import Entry, people_entries

RETENTION = "retention"


def remove_for_good(
    store: Store, where: Where, suppress: bool = True, reason: str = ""
) -> int:
    """Remove everybody for whom the conditions hold.

    Files that are removed as a whole are forgotten, so that they are read again when
    they are not suppressed.

    Args:
        store: Where they are.
        where: One condition: paths, ids, cameras or before.
        suppress: Put them on the suppression list.
        reason: Kept in the list.

    Returns:
        Number of people.
    """
    ids = store.find(where)
    if suppress:
        store.suppression.extend(_entries(store, where, ids, reason))
    store.remove(ids)
    for path in where.paths or ():
        store.drop_file(path)
    return len(ids)


def _entries(store: Store, where: Where, ids: np.ndarray, reason: str) -> list[Entry]:
    if where.paths is not None:
        return [Entry("file", path=path, reason=reason) for path in where.paths]
    if where.cameras is not None:
        return [Entry("camera", camera=name, reason=reason) for name in where.cameras]
    people = join(
        store.fetch(ids[start : start + 4096]) for start in range(0, len(ids), 4096)
    )
    if where.before is None:
        return people_entries(people, reason)
    # without a clock they would be new again when they are indexed again
    undated = people.take(np.isnan(people.clocks))
    entry = Entry("before", moment=where.before, reason=reason)
    return [entry, *people_entries(undated, reason)]


def keep_days(store: Store, days: float, now: float) -> int:
    """Remove everybody who was seen more than ``days`` days before ``now``.

    The list of suppressed people holds one date for it, which moves on.

    Args:
        store: Where they are.
        days: Days to keep.
        now: Unix time.

    Returns:
        Number of people.
    """
    earlier = [
        entry.key
        for entry in store.suppression.entries
        if entry.kind == "before" and entry.reason == RETENTION
    ]
    count = remove_for_good(store, Where(before=now - 86400 * days), reason=RETENTION)
    store.suppression.lift(earlier)
    return count

"""A first table of who each track is, to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mmpsearch.datasets.person_search.own.people_table import PeopleRow, rows_of_tracks
from mmpsearch.datasets.person_search.own.track_folder import Likeness, TrackedCamera


def propose(
    cameras: Sequence[TrackedCamera], merge_above: float | None = None
) -> list[PeopleRow]:
    """A row per track; alike tracks share a name where that is asked for.

    Args:
        cameras: What was tracked.
        merge_above: Mean cosine from which tracks get the same name; None: never.
    """
    rows = [row for c in cameras for row in rows_of_tracks(c.name, c.rows)]
    likeness = Likeness.of(cameras)
    alike = likeness.nearest()
    people = {} if merge_above is None else likeness.people(merge_above)
    return [
        replace(
            row,
            person=people.get(row.name, row.name),
            looks_like="{} {:.2f}".format(*alike[row.name])
            if row.name in alike
            else "",
        )
        for row in rows
    ]

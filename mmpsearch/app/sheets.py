"""Contact sheets of tracks, as HTML with a box to choose each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from mmpsearch.app.cards import escape, note
from mmpsearch.app.labels import TrackLabels, key_of
from mmpsearch.app.pictures import data_address
from mmpsearch.datasets.person_search.own.people_table import DISCARD, PeopleRow
from mmpsearch.errors import DataError, ImageReadError
from mmpsearch.visualization.drawing import fit

CROP = (90, 140)
CLOSED = (
    "No tracks are open. Start the page with --tracks FOLDER, and follow the people of "
    "a video here."
)
EMPTY = "There are no tracks yet. Name a video above, and press Follow."


class Sheets:
    """Draws rows; pictures that were drawn are remembered.

    Args:
        labels: The tracks.
    """

    def __init__(self, labels: TrackLabels) -> None:
        self.labels = labels
        self._strip = lru_cache(maxsize=512)(self._draw)

    def html(self, rows: Sequence[PeopleRow]) -> str:
        """One row a track, or a part of one."""
        if not rows:
            return note("There is no track on this page.")
        return "".join(map(self._row, rows))

    def _row(self, row: PeopleRow) -> str:
        key = escape(key_of(row))
        who = row.person or "(unknown)"
        state = " discarded" if row.person == DISCARD else ""
        like = f" · looks like {escape(row.looks_like)}" if row.looks_like else ""
        return (
            f'<div class="mmp-track{state}"><label><input type="checkbox" '
            f'data-key="{key}" aria-label="Choose {key}"> <strong>{escape(who)}'
            f"</strong> · {escape(row.name)}, frames {row.first} to {row.last}, "
            f"{row.boxes} boxes{like}</label>"
            f'<div class="mmp-sheet" tabindex="0">{self._pictures(row)}</div></div>'
        )

    def _pictures(self, row: PeopleRow) -> str:
        addresses = self._strip(row.camera, row.track, row.first, row.last)
        if not addresses:
            return '<span class="mmp-blank">its pictures cannot be read</span>'
        return "".join(
            f'<img src="{address}" alt="{escape(row.name)}, view {number}">'
            for number, address in enumerate(addresses, start=1)
        )

    def _draw(self, camera: str, track: int, first: int, last: int) -> tuple[str, ...]:
        row = PeopleRow(camera, track, first, last, "")
        try:
            crops = self.labels.views(row)
        except (ImageReadError, DataError, OSError):
            return ()
        return tuple(data_address(fit(crop, *CROP)[0]) for crop in crops)

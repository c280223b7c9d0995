"""Who the tracks of a folder are: look, merge, split, discard, name, export.

The folder is that of ``tools/own_data/track_people.py``; what is said here is written
into its ``people.csv``, the same table that is edited by hand.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmpsearch.datasets.person_search.own.people_table import (
    DISCARD,
    PeopleRow,
    read_people_table,
    with_new_tracks,
    write_people_table,
)
from mmpsearch.datasets.person_search.own.proposal import propose
from mmpsearch.datasets.person_search.own.track_folder import (
    TABLE,
    TrackedCamera,
    read_tracked,
    views,
)
from mmpsearch.datasets.person_search.own.writer import collect_scenes, write_own_coco
from mmpsearch.errors import InputError

VIEWS = 8  # pictures of a track
NAME = re.compile(r"[^\W_][\w .()/+-]{0,79}")
FOLDER_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")


class TrackLabels:
    """The tracks of one folder and who they are; safe for several users.

    Args:
        folder: With a folder for each camera.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._cameras: dict[str, TrackedCamera] | None = None
        self._lock = threading.RLock()

    @property
    def table(self) -> Path:
        """Of who is whom."""
        return self.folder / TABLE

    def cameras(self) -> dict[str, TrackedCamera]:
        """Read once.

        Raises:
            DataLayoutError: There is none, or a file is damaged.
        """
        with self._lock:
            if self._cameras is None:
                found = read_tracked(self.folder)
                self._cameras = {camera.name: camera for camera in found}
            return self._cameras

    def read_again(self) -> None:
        """There is another camera."""
        with self._lock:
            self._cameras = None

    @property
    def empty(self) -> bool:
        """No video was followed yet."""
        return next(self.folder.glob("*/gt/gt.txt"), None) is None

    def rows(self) -> list[PeopleRow]:
        """As the table is now, with the tracks that it does not mention yet."""
        with self._lock:
            edited = read_people_table(self.table) if self.table.exists() else []
            return with_new_tracks(edited, propose([*self.cameras().values()]))

    def name(self, keys: Sequence[str], person: str) -> int:
        """Give tracks the name of a person; those of one name are merged.

        Args:
            keys: Of rows, see ``key_of``; empty: nothing is done.
            person: A name; empty: a person whom nobody can tell.

        Returns:
            How many rows were changed.

        Raises:
            InputError: A name that cannot be one, or a person who would be in one
                frame twice.
        """
        person = person.strip()
        if person and person.lower() != DISCARD and not NAME.fullmatch(person):
            raise InputError(
                f"{person!r} is no name: begin with a letter or digit, and use at most "
                "80 letters, digits, blanks and . ( ) / + -"
            )
        with self._lock:
            rows, chosen = self.rows(), set(keys)
            changed = [
                replace(row, person=person) if key_of(row) in chosen else row
                for row in rows
            ]
            if person and person.lower() != DISCARD:
                self._refuse_twice([row for row in changed if row.person == person])
            write_people_table(self.table, changed)
            return sum(key_of(row) in chosen for row in rows)

    def merge(self, keys: Sequence[str]) -> str:
        """Say that tracks are one person; returns the name, the first one's.

        Raises:
            InputError: Fewer than two, or two of them are in one frame.
        """
        with self._lock:
            chosen = [row for row in self.rows() if key_of(row) in set(keys)]
            if len(chosen) < 2:
                raise InputError("choose two tracks or more to merge")
            named = [r.person for r in chosen if r.person and r.person != DISCARD]
            person = named[0] if named else chosen[0].name
            self.name(keys, person)
            return person

    def discard(self, keys: Sequence[str]) -> int:
        """Say that tracks show no person; returns how many."""
        return self.name(keys, DISCARD)

    def split(self, key: str, frame: int) -> None:
        """Say that a track passes from one person to another.

        Args:
            key: Of the row.
            frame: The first frame of the second person.

        Raises:
            InputError: No such row, or the frame is not inside it.
        """
        with self._lock:
            rows = self.rows()
            places = [place for place, row in enumerate(rows) if key_of(row) == key]
            if not places:
                raise InputError("this track is not in the table any more")
            row = rows[places[0]]
            if not row.first < frame <= row.last:
                raise InputError(
                    f"{row.name}: split it at a frame from {row.first + 1} to "
                    f"{row.last}, not {frame}"
                )
            parts = [
                replace(row, last=frame - 1, boxes=self._boxes(row, row.first, frame)),
                replace(
                    row,
                    first=frame,
                    boxes=self._boxes(row, frame, row.last + 1),
                    person=f"{row.name}/{frame}",
                ),
            ]
            rows[places[0] : places[0] + 1] = parts
            write_people_table(self.table, rows)

    def views(self, row: PeopleRow) -> list[np.ndarray]:
        """At most ``VIEWS`` crops of a row, uint8 (H, W, 3) BGR."""
        camera = self.cameras().get(row.camera)
        return [] if camera is None else views(camera, row, VIEWS)

    def export(
        self,
        name: str,
        frame_step: int = 3,
        split_by: str = "time",
        test_share: float = 0.5,
    ) -> tuple[Path, dict[str, int]]:
        """Write a training set in COCO's format with identities, beside the folder.

        Args:
            name: Of the new folder.
            frame_step: Every so many-th picture is taken.
            split_by: How test images are chosen: ``time``, ``camera`` or ``person``.
            test_share: Of them.

        Returns:
            The folder, and counts of what is in it.

        Raises:
            InputError: The name cannot be one, or there is such a folder.
        """
        if not FOLDER_NAME.fullmatch(name):
            raise InputError(f"{name!r} is no name of a folder: letters, digits, . _ -")
        out = self.folder.absolute().parent / name
        if out.exists():
            raise InputError(f"{name}: is there already; take another name")
        with self._lock:
            rows = self.rows()
        own, files = collect_scenes([*self.cameras().values()], rows, frame_step)
        return out, write_own_coco(out, own, files, split_by, test_share)

    def _boxes(self, row: PeopleRow, first: int, end: int) -> int:
        camera = self.cameras().get(row.camera)
        if camera is None:
            return 0
        mask = (camera.rows.tracks == row.track) & (camera.rows.frames >= first)
        return int((mask & (camera.rows.frames < end)).sum())

    def _refuse_twice(self, rows: Sequence[PeopleRow]) -> None:
        """One camera sees nobody twice in a frame."""
        seen: dict[tuple[str, int], str] = {}
        for row in rows:
            camera = self.cameras().get(row.camera)
            if camera is None:
                continue
            mask = (camera.rows.tracks == row.track) & (camera.rows.frames >= row.first)
            mask &= camera.rows.frames <= row.last
            for frame in camera.rows.frames[mask].tolist():
                other = seen.setdefault((row.camera, frame), row.name)
                if other != row.name:
                    raise InputError(
                        f"{other} and {row.name} are both in frame {frame}, so they "
                        "cannot be one person; split one of them first"
                    )


def key_of(row: PeopleRow) -> str:
    """What a row is known by: camera, track and its first frame."""
    return f"{row.name}@{row.first}"


def page_of(
    rows: Sequence[PeopleRow], show: str, number: int, size: int
) -> tuple[list[PeopleRow], int]:
    """Rows of a page, and the number of pages.

    Args:
        rows: All.
        show: ``tracks``: in their order; ``people``: those of one name together.
        number: From 1.
        size: Rows a page.
    """
    if show == "people":

        def order(row: PeopleRow) -> tuple:
            return row.person == DISCARD, not row.person, row.person, row.name

        rows = sorted(rows, key=order)
    pages = max(1, -(-len(rows) // size))
    start = (min(max(1, number), pages) - 1) * size
    return list(rows[start : start + size]), pages

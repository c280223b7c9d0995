"""people.csv: which track is whom, edited by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmpsearch.datasets.io.mot_files import MotRows
from mmpsearch.datasets.io.names import is_nobody
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.errors import DataLayoutError
from mmpsearch.utils.atomic import replace_when_done

COLUMNS = ("camera", "track", "first", "last", "boxes", "person", "looks_like")
NEEDED = COLUMNS[:4] + ("person",)
DISCARD = "discard"


@dataclass(frozen=True)
class PeopleRow:
    """A track, or a part of one, and who it is.

    Attributes:
        camera: Name of the camera's folder.
        track: Number of the track in that camera.
        first: First frame of the part.
        last: Last frame.
        person: Any name; the same name is the same person. Empty: a person without
            identity. ``discard``: no person, or a wrong box.
        boxes: Number of boxes, to look at.
        looks_like: The most similar other track, to look at.
    """

    camera: str
    track: int
    first: int
    last: int
    person: str
    boxes: int = 0
    looks_like: str = ""

    @property
    def name(self) -> str:
        """Of the track: ``camera/track``."""
        return f"{self.camera}/{self.track}"


def read_people_table(path: Path) -> list[PeopleRow]:
    """Read a table.

    Raises:
        DataLayoutError: Naming the line: a column is missing, a number is none, or two
            parts of a track overlap.
    """
    lines = read_lines(path)
    # Spreadsheets of some languages write semicolons.
    semicolons = bool(lines) and ";" in lines[0] and "," not in lines[0]
    reader = csv.DictReader(
        lines, skipinitialspace=True, delimiter=";" if semicolons else ","
    )
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    lacking = [name for name in NEEDED if name not in names]
    if lacking:
        raise DataLayoutError(
            f"{path}: the header lacks {', '.join(lacking)}; it is {names}."
        )
    rows: list[PeopleRow] = []
    parts: dict[str, list[tuple[int, int, int]]] = {}
    for cells in reader:
        line = reader.line_num
        row = {key: (cells.get(key) or "").strip() for key in COLUMNS}
        try:
            numbers = [int(row[key]) for key in ("track", "first", "last")]
        except ValueError as error:
            raise DataLayoutError(
                f"{path}, line {line}: track, first and last must be whole numbers, "
                f"got {[row[key] for key in ('track', 'first', 'last')]}."
            ) from error
        if numbers[1] > numbers[2]:
            raise DataLayoutError(
                f"{path}, line {line}: the first frame {numbers[1]} comes after the "
                f"last one {numbers[2]}."
            )
        boxes = int(row["boxes"][:9]) if row["boxes"].isdecimal() else 0
        person = "" if is_nobody(row["person"]) else row["person"]
        one = PeopleRow(row["camera"], *numbers, person, boxes, row["looks_like"])
        for other, begin, end in parts.setdefault(one.name, []):
            if one.first <= end and begin <= one.last:
                raise DataLayoutError(
                    f"{path}: lines {other} and {line} both have frames of "
                    f"{one.name} between {max(one.first, begin)} and "
                    f"{min(one.last, end)}; give each part its own first and last."
                )
        parts[one.name].append((line, one.first, one.last))
        rows.append(one)
    return rows


def write_people_table(path: Path, rows: Iterable[PeopleRow]) -> None:
    """Write a table; a file that is there is replaced."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(vars(row) for row in rows)
    with replace_when_done(path) as temporary:
        Path(temporary).write_text(text.getvalue(), encoding="utf-8")


def rows_of_tracks(camera: str, found: MotRows) -> list[PeopleRow]:
    """One row per track, named by itself: everybody is somebody else."""
    rows = []
    for track in np.unique(found.tracks[found.tracks >= 0]).tolist():
        frames = found.frames[found.tracks == track]
        first, last = int(frames.min()), int(frames.max())
        person = f"{camera}/{track}"
        rows.append(PeopleRow(camera, track, first, last, person, len(frames)))
    return rows


def with_new_tracks(
    edited: Sequence[PeopleRow], found: Iterable[PeopleRow]
) -> list[PeopleRow]:
    """The edited rows, and rows of tracks that they do not mention, in order."""
    known = {row.name for row in edited}
    new = [row for row in found if row.name not in known]
    return sorted([*edited, *new], key=lambda row: (row.camera, row.track, row.first))


def names_of_boxes(
    rows: Iterable[PeopleRow], camera: str, found: MotRows
) -> tuple[list[str], np.ndarray]:
    """Who each box of a camera is, by the table.

    Args:
        rows: Of the table; those of other cameras are passed over.
        camera: The camera.
        found: Its N boxes.

    Returns:
        N names (``''``: a person without identity, also where no row speaks of the
        box), and (N,) bool, boxes that are discarded.
    """
    names = [""] * len(found)
    discarded = np.zeros(len(found), dtype=bool)
    for row in rows:
        if row.camera != camera:
            continue
        mask = found.tracks == row.track
        mask &= (found.frames >= row.first) & (found.frames <= row.last)
        if row.person.lower() == DISCARD:
            discarded |= mask
            continue
        for place in np.flatnonzero(mask).tolist():
            names[place] = row.person
    return names, discarded

"""A CSV table of crops: path, person, camera, split."""

from __future__ import annotations

import csv
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from mmpsearch.datasets.io.name_patterns import name_by
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.errors import DataLayoutError, DataOptionError

SPLITS = ("train", "query", "gallery")
COLUMNS = ("path", "person_id", "camera_id", "split")
# Names that others use for the same, which must not pass as unknown columns.
ALIASES = {
    "camera_id": ("camid", "cam_id", "cam", "camera", "cameraid", "camera_name"),
    "split": ("set", "partition", "subset"),
}
Row = tuple[str, str, str]  # path, name of the person, name of the camera


@dataclass
class CropTable:
    """Rows by split, and what was seen beside them.

    Attributes:
        rows: split -> rows.
        notes: problem -> its number and what to say of it.
    """

    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {split: [] for split in SPLITS}
    )
    notes: dict[str, tuple[int, str]] = field(default_factory=dict)


def read_crop_table(
    path: Path, root: str, camera_pattern: re.Pattern | None = None
) -> CropTable:
    """Read a table; see :class:`~mmpsearch.datasets.CustomReID`.

    Args:
        path: The CSV file, in UTF-8.
        root: What its paths are relative to.
        camera_pattern: Finds the camera where there is no column ``camera_id``.

    Raises:
        DataLayoutError: A column is missing or misnamed, a row lacks its path, or a
            picture is listed with two people.
        DataOptionError: ``camera_pattern`` beside a column ``camera_id``.
    """
    reader = csv.DictReader(read_lines(path), skipinitialspace=True)
    names = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    _check_header(path, names, camera_pattern)
    table = CropTable()
    for cells in reader:
        if None in cells:
            raise DataLayoutError(
                f"{path}, line {reader.line_num}: has more cells than the header."
            )
        row = {key: (cells[key] or "").strip() for key in names}
        split = row.get("split") or "train"
        if split not in table.rows or not row["path"]:
            raise DataLayoutError(
                f"{path}, line {reader.line_num}: expected a path and a split "
                f"of {SPLITS}, got {row}."
            )
        camera = row.get("camera_id", "")
        if camera_pattern is not None:
            camera = name_by(camera_pattern, row["path"], "camera_pattern")
        picture = os.path.normpath(os.path.join(root, row["path"]))
        table.rows[split].append((picture, row["person_id"], camera))
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        text = f"columns of {path} are not used: {', '.join(unknown)}."
        table.notes["columns not used"] = len(unknown), text
    _check_repeats(path, table)
    return table


def _check_header(
    path: Path, names: list[str], camera_pattern: re.Pattern | None
) -> None:
    lacking = {"path", "person_id"} - set(names)
    if lacking:
        raise DataLayoutError(
            f"{path}: the header lacks {', '.join(sorted(lacking))}; it is {names}."
        )
    for column, aliases in ALIASES.items():
        wrong = [name for name in names if name.lower() in aliases]
        if wrong and column not in names:
            raise DataLayoutError(
                f"{path}: rename the column {wrong[0]!r} to {column!r}."
            )
    if camera_pattern is not None and "camera_id" in names:
        raise DataOptionError(
            f"{path} has a column camera_id; leave camera_pattern out, or the column."
        )


def _check_repeats(path: Path, table: CropTable) -> None:
    """Refuse a picture with two people; count one that a split lists twice."""
    people: dict[str, str] = {}
    repeated = 0
    for rows in table.rows.values():
        seen = set()
        for picture, person, _ in rows:
            if people.setdefault(picture, person) != person:
                raise DataLayoutError(
                    f"{path}: {picture} is listed with two people, "
                    f"{people[picture]!r} and {person!r}."
                )
            repeated += picture in seen
            seen.add(picture)
    if repeated:
        text = f"rows of {path} list a picture that its split has already."
        table.notes["pictures listed twice"] = repeated, text

"""Your own crops: a folder per person, or a table."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path

from mmpsearch.datasets.io.picture_files import is_picture
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.crops import Crops, require_files
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS

SPLITS = ("train", "query", "gallery")
Row = tuple[str, str, str]  # path, name of the person, name of the camera


@DATASETS.register_module()
class CustomReID(ReIDDataset):
    """Any crops, by folders ``<split>/<person>/<picture>`` or by a CSV table.

    Folders: ``train``, ``query`` and ``gallery``, each with one folder per person. A
    set without ``train`` folder whose folders are people is a training set.

    Table: a header line and the columns ``path`` (relative to ``data_root``, or
    absolute), ``person_id``, and optionally ``camera_id`` and ``split`` (``train``,
    ``query``, ``gallery``; without the column everything is ``train``).

    Person and camera may be any text: equal texts are the same. They are numbered in
    sorted order, people of the splits of a partition together; cameras over the whole
    data set. An empty person or -1 is unlabelled, an empty camera or -1 unknown (then
    no gallery picture is removed for having the query's camera).

    Args:
        data_root: Folder of the pictures.
        partition: ``'train'`` or ``'test'``.
        table: CSV file below ``data_root``. None: read the folders.
        camera_pattern: Regular expression whose first group is the camera in a
            picture's file name (folders only), such as ``'_c(\\d+)'``.
        **kwargs: Of :class:`ReIDDataset`.
    """

    NAME = "custom data"
    TARGET = "custom"
    LAYOUT = """\
  train/<person>/<picture>.jpg, query/<person>/..., gallery/<person>/...
  or table=<file>.csv with columns path, person_id[, camera_id][, split]"""

    def __init__(
        self,
        data_root: str,
        partition: str = "train",
        *,
        table: str | None = None,
        camera_pattern: str | None = None,
        **kwargs,
    ) -> None:
        self.table = table
        self.camera_pattern = re.compile(camera_pattern) if camera_pattern else None
        self._rows: dict[str, list[Row]] | None = None
        super().__init__(data_root, partition, **kwargs)

    def read_split(self, split: str) -> Crops:
        if self._rows is None:
            read = self._read_table if self.table else self._read_folders
            self._rows = read()
        rows = self._rows[split]
        if self.table:
            require_files([path for path, _, _ in rows], self.table)
        together = [row for name in self.splits for row in self._rows[name]]
        everything = [row for part in self._rows.values() for row in part]
        persons = numbered(person for _, person, _ in together)
        cameras = numbered(camera for _, _, camera in everything)
        return Crops.of([(p, persons[who], cameras[cam]) for p, who, cam in rows])

    def _read_folders(self) -> dict[str, list[Row]]:
        root = Path(self.data_root)
        rows: dict[str, list[Row]] = {}
        for split in SPLITS:
            folder = root / split
            if not folder.is_dir():
                if split in self.splits and split != "train":
                    self.require(split)
                folder = root
                if split != "train" or any((root / s).is_dir() for s in SPLITS):
                    rows[split] = []
                    continue
            rows[split] = [
                (str(path), person.name, self._camera_of(path))
                for person in sorted(folder.iterdir())
                if person.is_dir()
                for path in sorted(person.iterdir())
                if is_picture(path.name)
            ]
        return rows

    def _camera_of(self, path: Path) -> str:
        if self.camera_pattern is None:
            return ""
        found = self.camera_pattern.search(path.name)
        if found is None:
            raise DataLayoutError(
                f"{path}: camera_pattern {self.camera_pattern.pattern!r} is not found "
                "in the file name."
            )
        return found[1]

    def _read_table(self) -> dict[str, list[Row]]:
        path = self.require(self.table)
        rows: dict[str, list[Row]] = {split: [] for split in SPLITS}
        reader = csv.DictReader(read_lines(path), skipinitialspace=True)
        lacking = {"path", "person_id"} - set(reader.fieldnames or ())
        if lacking:
            raise DataLayoutError(
                f"{path}: the header lacks {', '.join(sorted(lacking))}; it is "
                f"{reader.fieldnames}."
            )
        for cells in reader:
            row = {key: (cells[key] or "").strip() for key in reader.fieldnames}
            split = row.get("split") or "train"
            if split not in rows or not row["path"]:
                raise DataLayoutError(
                    f"{path}, line {reader.line_num}: expected a path and a split "
                    f"of {SPLITS}, got {row}."
                )
            picture = os.path.join(self.data_root, row["path"])
            camera = row.get("camera_id") or ""
            rows[split].append((picture, row["person_id"], camera))
        return rows


def numbered(names: Iterable[str]) -> dict[str, int]:
    """Number texts in sorted order, whole numbers by value; '' and '-1' are -1."""
    distinct = set(names) - {"", "-1"}
    whole = all(name.isdecimal() for name in distinct)
    order = sorted(distinct, key=(lambda n: (int(n), n)) if whole else None)
    return {name: number for number, name in enumerate(order)} | {"": -1, "-1": -1}

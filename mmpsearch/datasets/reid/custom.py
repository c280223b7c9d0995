"""Your own crops: a folder per person, flat folders, or a table."""

from __future__ import annotations

import os
from pathlib import Path

from mmpsearch.datasets.io.name_patterns import compiled, name_by
from mmpsearch.datasets.io.names import is_nobody, numbered
from mmpsearch.datasets.io.picture_files import find_files
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.bounding_boxes import FOLDER_OF
from mmpsearch.datasets.reid.crop_table import SPLITS, Row, read_crop_table
from mmpsearch.datasets.reid.crops import Crops, require_files
from mmpsearch.errors import DataLayoutError, DataOptionError
from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class CustomReID(ReIDDataset):
    """Any crops: by folders of people, by flat folders with patterns, or by a table.

    Folders: ``train``, ``query`` and ``gallery`` (or Market-1501's
    ``bounding_box_train``, ``query`` and ``bounding_box_test``), each with one folder
    per person, whose sub-folders are read too. A set without these folders whose
    folders are people is a training set.

    Flat folders: the same without folders of people, where ``person_pattern`` finds
    the person in a picture's name.

    Table: a header line and the columns ``path`` (relative to ``data_root``, or
    absolute), ``person_id``, and optionally ``camera_id`` and ``split`` (``train``,
    ``query``, ``gallery``; without the column everything is ``train``).

    Person and camera may be any text: equal texts are the same. They are numbered in
    sorted order, people of query and gallery together; cameras over the whole
    data set. An empty person or -1 is unlabelled, an empty camera or -1 unknown (then
    no gallery picture is removed for having the query's camera); so is ``nan``, as
    pandas writes empty cells. Whatever is left out is counted in one warning.

    Args:
        data_root: Folder of the pictures.
        split: ``'train'`` or ``'test'``.
        table: CSV file below ``data_root``. None: read the folders.
        person_pattern: Regular expression whose first group is the person in a
            picture's file name, such as ``r'^(\\d+)_'``: the folders are flat.
        camera_pattern: Regular expression whose first group is the camera in a
            picture's file name, such as ``r'_c(\\d+)'``, or in the folders above it.
            With a table: where that has no column ``camera_id``.
        **kwargs: Of :class:`ReIDDataset`.
    """

    NAME = "custom data"
    TARGET = "custom"
    LAYOUT = """\
  train/<person>/<picture>.jpg, query/<person>/..., gallery/<person>/...
  or person_pattern=... for flat folders: train/<picture>.jpg, query/..., gallery/...
  or table=<file>.csv with columns path, person_id[, camera_id][, split]"""

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        table: str | None = None,
        person_pattern: str | None = None,
        camera_pattern: str | None = None,
        **kwargs,
    ) -> None:
        if table is not None and person_pattern is not None:
            raise DataOptionError(
                f"{self.NAME}: person_pattern is for folders; with a table its column "
                "person_id says who it is."
            )
        self.table = table
        self.person_pattern = compiled(person_pattern, "person_pattern")
        self.camera_pattern = compiled(camera_pattern, "camera_pattern")
        self._rows: dict[str, list[Row]] | None = None
        super().__init__(data_root, split, **kwargs)

    def read_split(self, part: str) -> Crops:
        if self._rows is None:
            read = self._read_table if self.table else self._read_folders
            self._rows = read()
        rows = self._rows[part]
        if self.table:
            remedy = f"its paths are relative to {self.data_root}"
            require_files([path for path, _, _ in rows], self.table, remedy)
        together = [row for name in self.parts for row in self._rows[name]]
        everything = [row for part in self._rows.values() for row in part]
        persons = numbered(person for _, person, _ in together)
        cameras = numbered(camera for _, _, camera in everything)
        return Crops.of([(p, persons[who], cameras[cam]) for p, who, cam in rows])

    def _read_folders(self) -> dict[str, list[Row]]:
        folders = {part: self._folder_of(part) for part in SPLITS}
        if not any(folders.values()):
            folders["train"] = Path(self.data_root)
        for part in self.parts:
            if folders[part] is None and part != "train":
                self.require(part)
        return {
            part: [] if folder is None else self._read_folder(folder, part)
            for part, folder in folders.items()
        }

    def _folder_of(self, part: str) -> Path | None:
        for name in (part, FOLDER_OF[part]):
            if (Path(self.data_root) / name).is_dir():
                return Path(self.data_root) / name
        return None

    def _read_folder(self, folder: Path, part: str) -> list[Row]:
        found = find_files(folder)
        if part in self.parts:
            self.note_left_out(found.left_out, f" ({part})")
        rows, beside = [], []
        for path in found.paths:
            inside = Path(path).relative_to(folder)
            if self.person_pattern is not None:
                person = name_by(self.person_pattern, inside, "person_pattern")
            elif len(inside.parts) > 1:
                person = inside.parts[0]
            else:
                beside.append(path)
                continue
            camera = ""
            if self.camera_pattern is not None:
                camera = name_by(self.camera_pattern, inside, "camera_pattern")
            rows.append((path, person, camera))
        if part in self.parts and beside:
            self._beside(folder, part, beside, bool(rows))
        return rows

    def _beside(self, folder: Path, part: str, beside: list[str], others: bool):
        """Warn of pictures beside the folders of people, or refuse nothing else."""
        first = os.path.basename(beside[0])
        if not others:
            raise DataLayoutError(
                f"{self.NAME}: {folder} has {len(beside)} pictures (first {first}) but "
                "no folder per person. For flat folders say where a name has the "
                r"person: person_pattern=r'^(\d+)_' (and camera_pattern=r'_c(\d+)')."
            )
        self.note(
            f"pictures beside the folders ({part})",
            len(beside),
            f"pictures lie beside the people's folders of {folder} and are left out, "
            f"first {first}.",
        )

    def _read_table(self) -> dict[str, list[Row]]:
        path = self.require(self.table)
        table = read_crop_table(path, self.data_root, self.camera_pattern)
        for problem, (count, message) in table.notes.items():
            self.note(problem, count, message)
        people = [p for part in table.rows.values() for _, p, _ in part]
        odd = sorted({p for p in people if is_nobody(p)} - {"", "-1"})
        self.note(
            "empty people",
            sum(p in odd for p in people),
            f"rows of {path} have {' or '.join(map(repr, odd))} for a person, which "
            "is taken for nobody.",
        )
        return table.rows

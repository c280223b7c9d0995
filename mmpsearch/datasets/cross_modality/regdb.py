"""RegDB (Nguyen et al., Sensors 2017), read from its official tree and trial lists."""

from __future__ import annotations

import re
from pathlib import Path

from mmpsearch.datasets.cross_modality.base import CrossModalityDataset
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.datasets.reid.crops import Counts, Crops, require_files
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS

TRIALS = range(1, 11)
LINE = r"(%s/\S.*\S)\s+(\d+)"
CAMERA_OF = {"visible": 0, "thermal": 1}


@DATASETS.register_module()
class RegDB(CrossModalityDataset):
    """RegDB: 412 people, ten visible and ten thermal pictures of each.

    Ten trials divide the people differently into 206 for training and 206 for
    testing: train a model on each and average. A test split holds the visible
    pictures (as queries) and then the thermal ones;
    :class:`~mmpsearch.evaluation.metrics.RegDBMetric` searches in both directions.

    ``camera_id`` is 0 for visible and 1 for thermal, which counts as infrared.

    Args:
        data_root: Folder with ``Visible``, ``Thermal`` and ``idx``.
        trial: 1 to 10.
        split: ``'train'`` or ``'test'``.
        **kwargs: Of :class:`~mmpsearch.datasets.ReIDDataset`.

    Raises:
        ValueError: The trial does not exist.
        FileNotFoundError: A list, or a picture that it names, is missing.
        DataLayoutError: A line of a list is not what the layout says.
    """

    NAME = "RegDB"
    TARGET = SYNTHETIC_LAYOUT = "regdb"
    FOLDERS = ("RegDB", "regdb")
    MARKER = "idx"
    INFRARED_CAMERAS = (CAMERA_OF["thermal"],)
    LAYOUT = """\
  Visible/1/male_front_v_00007_1.bmp ..., Thermal/1/male_front_t_00007_1.bmp ...
  idx/train_visible_1.txt, idx/train_thermal_1.txt, idx/test_visible_1.txt,
  idx/test_thermal_1.txt ... to _10.txt (lines 'Visible/1/NAME.bmp LABEL')"""
    REQUEST = (
        "RegDB (DBPerson-Recog-DB1) is given to researchers on request, see "
        "http://dm.dongguk.edu/link.html."
    )

    def __init__(
        self, data_root: str, trial: int = 1, split: str = "train", **kwargs
    ) -> None:
        if trial not in TRIALS:
            raise ValueError(f"{self.NAME}: trial must be 1 to 10, got {trial!r}.")
        self.trial = trial
        super().__init__(data_root, split, **kwargs)

    def published(self, part: str) -> Counts:
        if part == "train":
            return Counts(4120, 206, 2, (2060, 2060), 0)
        own = (2060,) if part == "query" else (0, 2060)
        return Counts(2060, 206, 1, own, 0)

    def read_split(self, part: str) -> Crops:
        spectra = {"query": ("visible",), "gallery": ("thermal",)}
        rows = []
        for spectrum in spectra.get(part, tuple(CAMERA_OF)):
            half = "train" if part == "train" else "test"
            path = self.require("idx", f"{half}_{spectrum}_{self.trial}.txt")
            found = read_list(path, Path(self.data_root), spectrum)
            require_files([row[0] for row in found], path)
            rows += found
        return Crops.of(rows)

    def load_data_list(self) -> list[dict]:
        infos = super().load_data_list()
        self._metainfo["trial"] = self.trial
        return infos


def read_list(path: Path, root: Path, spectrum: str) -> list[tuple[str, int, int]]:
    """Picture, person id and camera of every line of a list of one spectrum.

    Raises:
        DataLayoutError: A line is not ``<picture> <label>``, or of the other spectrum.
    """
    rows, folder = [], spectrum.capitalize()
    for number, line in enumerate(read_lines(path), start=1):
        match = re.fullmatch(LINE % folder, line.strip())
        if match:
            rows.append((f"{root}/{match[1]}", int(match[2]), CAMERA_OF[spectrum]))
        elif line.strip():
            raise DataLayoutError(
                f"{path}, line {number}: expected '{folder}/<person>/<picture> "
                f"<label>', got {line.strip()!r}."
            )
    return rows

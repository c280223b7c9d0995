"""SYSU-MM01 (Wu et al., ICCV 2017), read from its official tree."""

from __future__ import annotations

import re
from pathlib import Path

from mmpsearch.datasets.cross_modality.base import CrossModalityDataset
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.datasets.reid.crops import Counts, Crops, list_folder
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS

INFRARED = (2, 5)  # cameras 3 and 6
GALLERY = {"all": (0, 1, 3, 4), "indoor": (0, 1)}  # cameras 1, 2, 4, 5
ID_LISTS = {
    "train": ("train_id",),
    "trainval": ("train_id", "val_id"),
    "val": ("val_id",),
    "test": ("test_id",),
}


@DATASETS.register_module()
class SYSUMM01(CrossModalityDataset):
    """SYSU-MM01: 491 people, 4 visible cameras (1, 2, 4, 5) and 2 infrared (3, 6).

    A test split holds every infrared picture as a query and **every** visible
    picture of the gallery's cameras, by ascending id, camera and file name. Which of
    these are the gallery of a trial is decided by
    :class:`~mmpsearch.evaluation.metrics.SYSUMM01Metric`, so that one pass over the
    data serves all 40 runs of the protocol.

    ``camera_id`` is the official number minus one.

    Args:
        data_root: Folder with ``cam1`` to ``cam6`` and ``exp``.
        split: ``'train'`` (296 people), ``'trainval'`` (395, on which the field
            trains), ``'val'`` (99) or ``'test'`` (96).
        mode: Cameras of the gallery: ``'all'`` or ``'indoor'`` (1 and 2). ``'all'``
            holds what both searches need.
        **kwargs: Of :class:`~mmpsearch.datasets.ReIDDataset`.

    Raises:
        ValueError: ``split`` or ``mode`` does not exist.
        FileNotFoundError: An id list or camera folder is missing.
        DataLayoutError: An id list holds no ids, a listed person has no picture, or
            a file name is not a number.
    """

    NAME = "SYSU-MM01"
    TARGET = SYNTHETIC_LAYOUT = "sysu_mm01"
    SPLITS = ("train", "trainval", "val", "test")
    TRAINING = ("train", "trainval")
    FOLDERS = ("SYSU-MM01", "sysu_mm01", "SYSU_MM01")
    MARKER = "exp"
    INFRARED_CAMERAS = INFRARED
    LAYOUT = """\
  cam1/0001/0001.jpg ... to cam6/0533/0020.jpg (1, 2, 4, 5 visible, 3, 6 infrared)
  exp/train_id.txt, exp/val_id.txt, exp/test_id.txt (one line of numbers and commas)
  exp/rand_perm_cam.mat (for the evaluation with protocol='matlab')"""
    REQUEST = (
        "SYSU-MM01 is given to researchers on request to its authors, see "
        "https://github.com/wuancong/SYSU-MM01."
    )

    def __init__(
        self, data_root: str, split: str = "train", *, mode: str = "all", **kwargs
    ) -> None:
        if mode not in GALLERY:
            raise ValueError(
                f"{self.NAME}: mode must be 'all' or 'indoor', got {mode!r}."
            )
        self.mode = mode
        super().__init__(data_root, split, **kwargs)

    def published(self, part: str) -> Counts:
        """Training on 395 people and the test people as the protocol's files list."""
        if self.split == "trainval":
            return Counts(34167, 395, 6, None, 0)
        people = {"train": 296, "val": 99}.get(self.split)
        if self.split == "train":
            return Counts(None, people, 6)
        if self.split == "val":
            return Counts(None, people if part == "query" else None)
        if part == "query":
            return Counts(3803, 96, 2, (0, 0, 1883, 0, 0, 1920), 0)
        if self.mode == "indoor":
            return Counts(2939, 56, 2, (1374, 1565), 0)
        return Counts(6775, 96, 4, (1374, 1565, 0, 1918, 1918), 0)

    def read_split(self, part: str) -> Crops:
        lists = [self.require("exp", f"{n}.txt") for n in ID_LISTS[self.split]]
        people = sorted({person for path in lists for person in read_ids(path)})
        cameras = tuple(range(6))
        if part != "train":
            cameras = INFRARED if part == "query" else GALLERY[self.mode]
        folders = {camera: self.require(f"cam{camera + 1}") for camera in cameras}
        rows = []
        for person in people:
            found = [
                (path, person, camera)
                for camera, folder in folders.items()
                for path in pictures_of(folder / f"{person:04d}")
            ]
            # everybody was filmed in infrared, not by each visible camera
            if not found and part != "gallery":
                raise DataLayoutError(
                    f"{self.NAME}: person {person:04d} of {self.split} has no "
                    f"picture in {', '.join(f.name for f in folders.values())} of "
                    f"{self.data_root}; extract the archive again."
                )
            rows += found
        return Crops.of(rows)

    def load_data_list(self) -> list[dict]:
        infos = super().load_data_list()
        permutations = Path(self.data_root, "exp", "rand_perm_cam.mat")
        if permutations.exists():
            self._metainfo["gallery_permutations"] = str(permutations)
        return infos


def read_ids(path: Path) -> list[int]:
    """Person ids of a list file: numbers, separated by commas.

    Raises:
        DataLayoutError: It holds something else, or nothing.
    """
    words = ",".join(read_lines(path)).split(",")
    words = [word.strip() for word in words if word.strip()]
    wrong = [word for word in words if not re.fullmatch(r"\d+", word)]
    if wrong or not words:
        found = f"got {wrong[0]!r}" if wrong else "it is empty"
        raise DataLayoutError(f"{path}: expected ids separated by commas, {found}.")
    return [int(word) for word in words]


def pictures_of(folder: Path) -> list[str]:
    """The pictures of a person under a camera by number; none without the folder."""
    if not folder.is_dir():
        return []
    return [p for p, _ in list_folder(folder, r"\d{4}\.jpg", "NNNN.jpg (number)")]

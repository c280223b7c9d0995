"""MSMT17 (Wei et al., CVPR 2018), read from its official layout."""

from __future__ import annotations

from pathlib import Path

from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.crops import Counts, Crops, match_names, require_files
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS

FOLDER_OF = {
    "train": ("train", "mask_train_v2"),
    "query": ("test", "mask_test_v2"),
    "gallery": ("test", "mask_test_v2"),
}
PATTERN = r"(?:\d{4}/)?\d{4}_\d+_(?P<camera>\d{2})_[^/]+\.jpg"
GRAMMAR = "PPPP/PPPP_NNN_CC_MMDDslot_XXXX_k.jpg (CC: camera)"


@DATASETS.register_module()
class MSMT17(ReIDDataset):
    """MSMT17: 4,101 people, 15 cameras; V1 (``train``) and V2 (``mask_train_v2``).

    The version is recognised by its folders. Person ids begin at 0 in training and
    again in testing, for other people.

    Args:
        data_root: Folder with the pictures' folders and ``list_train.txt`` ...
        split: ``'train'`` or ``'test'``.
        with_val: Whether training takes ``list_val.txt`` too (the same 1,041 people,
            32,621 pictures in place of 30,248). fast-reid and torchreid leave it out
            by default; TransReID, PersonViT and LUPerson take it.
        **kwargs: Of :class:`ReIDDataset`.
    """

    NAME = "MSMT17"
    TARGET = SYNTHETIC_LAYOUT = "msmt17"
    FOLDERS = ("MSMT17_V1", "MSMT17_V2", "MSMT17")
    MARKER = "list_train.txt"
    LAYOUT = """\
  train/0000/0000_000_01_0303morning_0008_0.jpg ...   (V2: mask_train_v2)
  test/0000/0000_000_01_0303morning_0031_0.jpg ...    (V2: mask_test_v2)
  list_train.txt, list_val.txt, list_query.txt, list_gallery.txt"""
    REQUEST = (
        "MSMT17 is given to researchers on request to its authors, see "
        "https://www.pkuvmc.com/dataset.html."
    )
    PER_CAMERA = (4910, 203, 454, 1614, 4296, 1678, 3453, 795)
    PER_CAMERA += (1396, 655, 3154, 1364, 3635, 3876, 1138)

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        with_val: bool = False,
        **kwargs,
    ) -> None:
        self.with_val = with_val
        super().__init__(data_root, split, **kwargs)

    def published(self, part: str) -> Counts:
        if part == "train" and self.with_val:
            return Counts(32621, 1041, 15, self.PER_CAMERA, 0)
        return {
            "train": Counts(30248, 1041, 15, None, 0),
            "query": Counts(11659, 3060, 15, None, 0),
            "gallery": Counts(82161, 3060, 15, None, 0),
        }[part]

    def read_split(self, part: str) -> Crops:
        lists = [self.require(f"list_{part}.txt")]
        if part == "train" and self.with_val:
            lists.append(self.require("list_val.txt"))
        names = FOLDER_OF[part]
        folders = [Path(self.data_root, name) for name in names]
        folder = next((f for f in folders if f.is_dir()), None)
        if folder is None:
            folder = self.require(names[0], hint=f"({names[1]} is missing as well.)")
        rows = [row for path in lists for row in read_list(path, folder)]
        require_files([row[0] for row in rows], " and ".join(p.name for p in lists))
        return Crops.of(rows)


def read_list(path: Path, folder: Path) -> list[tuple[str, int, int]]:
    """Picture, person id and camera (from 0) of every line of a list file."""
    names, persons = [], []
    for number, line in enumerate(read_lines(path), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 2 or not parts[1].isdecimal():
            raise DataLayoutError(
                f"{path}, line {number}: expected '<picture> <person id>', got "
                f"{line.strip()!r}."
            )
        names.append(parts[0])
        persons.append(int(parts[1]))
    matches = match_names(names, PATTERN, GRAMMAR, path)
    return [
        (f"{folder}/{name}", person, int(match["camera"]) - 1)
        for name, person, match in zip(names, persons, matches, strict=True)
    ]

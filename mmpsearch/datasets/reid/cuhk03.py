"""CUHK03 (Li et al., CVPR 2014), new and classic protocol."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from mmpsearch.datasets.io.array_cache import cached_arrays
from mmpsearch.datasets.io.mat_files import load_mat, texts
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.crops import (
    Counts,
    Crops,
    list_folder,
    match_names,
    require_files,
)
from mmpsearch.datasets.reid.cuhk03_mat import extract_pictures, read_test_sets
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS

PATTERN = r"(?P<pair>\d)_(?P<person>\d{3})_(?P<view>[12])_\d{2}\.png"
GRAMMAR = "R_PPP_V_NN.png (camera pair, person, view 1 or 2, number)"


@DATASETS.register_module()
class CUHK03(ReIDDataset):
    """CUHK03: 1,467 people, two views each.

    The pictures are the extracted PNG files in ``images_labeled`` or
    ``images_detected``; where that folder is missing, it is made from
    ``cuhk-03.mat`` once (needs h5py). ``camera_id`` is the view, 0 or 1.

    The *new* protocol (Zhong et al., CVPR 2017; 767 people in training, 700 in
    testing) is evaluated as Market-1501 is. In a *classic* one (20 random splits, 100
    test people) all test pictures are queries and gallery at once, and the gallery
    shows one random picture of each person:
    ``mmpsearch.ReIDMetric(single_gallery_shot=True)``; results are means over splits.

    Args:
        data_root: Folder with the files below.
        split: ``'train'`` or ``'test'``.
        boxes: ``'labeled'`` (by hand) or ``'detected'``; results differ by several
            points.
        protocol: ``'new'`` or ``'classic'``.
        split_index: Which of the 20 classic splits.
        **kwargs: Of :class:`ReIDDataset`.
    """

    NAME = "CUHK03"
    TARGET = SYNTHETIC_LAYOUT = "cuhk03"
    FOLDERS = ("cuhk03", "CUHK03")
    MARKER = "cuhk03_new_protocol_config_labeled.mat"
    LAYOUT = """\
  cuhk03_release/cuhk-03.mat   (or the extracted images_labeled, images_detected)
  cuhk03_new_protocol_config_labeled.mat, cuhk03_new_protocol_config_detected.mat"""
    REQUEST = (
        "CUHK03 is requested at "
        "https://www.ee.cuhk.edu.hk/~xgwang/CUHK_identification.html; the files of "
        "the new protocol are in https://github.com/zhunzhong07/person-re-ranking."
    )

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        boxes: str = "labeled",
        protocol: str = "new",
        split_index: int = 0,
        **kwargs,
    ) -> None:
        if boxes not in ("labeled", "detected"):
            raise ValueError(f"CUHK03: boxes {boxes!r} is not 'labeled' or 'detected'.")
        if protocol not in ("new", "classic"):
            raise ValueError(
                f"CUHK03: protocol {protocol!r} is not 'new' or 'classic'."
            )
        if split_index not in range(20):
            raise ValueError(f"CUHK03: split_index {split_index} is not in 0..19.")
        self.boxes, self.protocol, self.split_index = boxes, protocol, split_index
        super().__init__(data_root, split, **kwargs)

    def published(self, part: str) -> Counts:
        labelled = self.boxes == "labeled"
        if self.protocol == "classic":
            people = 1367 if part == "train" else 100
            return Counts(None, people, 2, None, 0)
        return {
            "train": Counts(7368, 767, 2, (3607, 3761), 0)
            if labelled
            else Counts(7365, 767, 2, (3601, 3764), 0),
            "query": Counts(1400, 700, 2, None, 0),
            "gallery": Counts(5328 if labelled else 5332, 700, 2, None, 0),
        }[part]

    def read_split(self, part: str) -> Crops:
        if self.protocol == "new":
            return self._read_new(part)
        return self._read_classic(part)

    @property
    def _mat_path(self) -> Path:
        parts = ("cuhk03_release", "cuhk-03.mat")
        flat = Path(self.data_root, parts[1])
        return flat if flat.exists() else self.require(*parts)

    def _picture_folder(self) -> Path:
        folder = Path(self.data_root, f"images_{self.boxes}")
        if not folder.is_dir():
            source = self._mat_path
            print_log(f"CUHK03: extracting {source} to {folder}", logger="current")
            extract_pictures(source, self.boxes, folder)
        return folder

    def _read_new(self, part: str) -> Crops:
        path = self.require(f"cuhk03_new_protocol_config_{self.boxes}.mat")
        names = texts(load_mat(path, "filelist"))
        labels = load_mat(path, "labels").ravel().astype(np.int64)
        chosen = load_mat(path, f"{part}_idx").ravel().astype(np.int64) - 1
        if len(labels) != len(names) or (
            len(chosen) and not 0 <= chosen.min() <= chosen.max() < len(names)
        ):
            raise DataLayoutError(
                f"{path}: labels ({len(labels)}), filelist ({len(names)}) and "
                f"{part}_idx do not fit together; download it again."
            )
        chosen_names = [names[i] for i in chosen]
        matches = match_names(chosen_names, PATTERN, GRAMMAR, path)
        folder = self._picture_folder()
        rows = [
            (f"{folder}/{match.string}", int(labels[i]), int(match["view"]) - 1)
            for i, match in zip(chosen, matches, strict=True)
        ]
        require_files([row[0] for row in rows], path)
        return Crops.of(rows)

    def _read_classic(self, part: str) -> Crops:
        source = self._mat_path
        sets = cached_arrays(
            self.data_root,
            "cuhk03_testsets",
            [source],
            "cuhk03-1",
            lambda: dict(sets=read_test_sets(source)),
        )["sets"]
        if self.split_index >= len(sets):
            raise DataLayoutError(
                f"{source}: testsets has {len(sets)} splits, split_index is "
                f"{self.split_index}."
            )
        tested = {tuple(row) for row in sets[self.split_index].tolist()}
        pictures = list_folder(self._picture_folder(), PATTERN, GRAMMAR)
        keys = [(int(m["pair"]), int(m["person"])) for _, m in pictures]
        numbers = {key: i for i, key in enumerate(sorted(set(keys)))}
        rows = [
            (path, numbers[key], int(match["view"]) - 1)
            for (path, match), key in zip(pictures, keys, strict=True)
            if (key in tested) == (part != "train")
        ]
        return Crops.of(rows)

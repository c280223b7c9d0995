"""LUPerson (Fu et al., CVPR 2021) and other heaps of unlabelled crops."""

from __future__ import annotations

import io
import os
import pickle
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from mmpsearch.datasets.io.picture_files import find_files
from mmpsearch.datasets.io.text_files import read_lines
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.crops import Counts, Crops, require_files
from mmpsearch.errors import DataLayoutError
from mmpsearch.registry import DATASETS

SCORE = re.compile(r"[,\s]+[-+]?[\d.]+(e[-+]?\d+)?$", re.IGNORECASE)
CHECKED = 100  # of the listed pictures
INNER = "images"  # of the public code's data root


@DATASETS.register_module()
class LUPerson(ReIDDataset):
    """Crops without identity, from any folder tree or list: for pre-training.

    All ``person_id`` and ``camera_id`` are -1.

    Args:
        data_root: Folder with the pictures, at any depth.
        image_list: File below ``data_root`` that lists the pictures, in place of
            searching the tree: text in UTF-8 with one path per line (a number behind
            a space or comma at its end is ignored), or a pickled plain list of texts,
            or dict with such a list as ``keys`` (``CFS_list.pkl``, ``keys.pkl``); a
            pickle that holds anything else is refused. Paths are relative to
            ``data_root``, or to its folder ``images`` as TransReID-SSL's are.
        as_keys: The list holds the keys of an LMDB. Load them by
            ``dict(type='mmpsearch.LoadImage', backend_args=dict(backend='lmdb',
            db_path=...))``, which needs the package lmdb.
        fraction: Share of the pictures to use, in (0, 1].
        choice: Which ones: ``random``, or ``first`` of ``image_list``, for a list
            with the best first (``tools/dataset_tools/score_cfs.py`` writes one).
        seed: Of the random choice. A smaller fraction is part of a larger one.
        **kwargs: Of :class:`ReIDDataset`; the only split is ``'train'``.
    """

    NAME = "LUPerson"
    TARGET = SYNTHETIC_LAYOUT = "luperson"
    SPLITS = ("train",)
    LAYOUT = """\
  any folders with .jpg or .png files; or image_list=... with their paths"""
    REQUEST = (
        "LUPerson is rebuilt from its videos, see https://github.com/DengpanFu/LUPerson"
    )

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        image_list: str | None = None,
        as_keys: bool = False,
        fraction: float = 1.0,
        choice: Literal["random", "first"] = "random",
        seed: int = 0,
        **kwargs,
    ) -> None:
        if as_keys and image_list is None:
            raise ValueError("LUPerson: as_keys needs image_list, the list of keys.")
        if not 0 < fraction <= 1:
            raise ValueError(f"LUPerson: fraction must be in (0, 1], got {fraction}.")
        if choice not in ("random", "first"):
            raise ValueError(
                f"LUPerson: choice must be 'random' or 'first', got {choice!r}."
            )
        if choice == "first" and image_list is None:
            raise ValueError(
                "LUPerson: choice='first' needs image_list, a list with the best first."
            )
        self.image_list, self.as_keys = image_list, as_keys
        self.fraction, self.choice, self.seed = fraction, choice, seed
        super().__init__(data_root, split, **kwargs)

    def published(self, part: str) -> Counts:
        return Counts(images=round(self.fraction * 4_180_243))

    def read_split(self, part: str) -> Crops:
        if self.image_list is None:
            found = find_files(self.data_root)
            self.note_left_out(found.left_out)
            paths = sorted(found.paths)
        else:
            paths = read_image_list(self.require(self.image_list))
            if not self.as_keys:
                root = self._root_of(paths)
                for place, path in enumerate(paths):  # in place, of millions
                    paths[place] = os.path.join(root, path)
                # the others are many, and found missing when they are loaded
                remedy = f"its paths are relative to {self.data_root} or its {INNER}"
                require_files(paths[:CHECKED], self.image_list, remedy)
        if self.fraction < 1:
            paths = [paths[place] for place in self._chosen(len(paths))]
        unknown = np.full(len(paths), -1, dtype=np.int64)
        return Crops(paths, unknown, unknown.copy())

    def infos_of(
        self, paths: list[str], persons: np.ndarray, cameras: np.ndarray
    ) -> Sequence[dict]:
        """Made one by one: as a list, those of LUPerson fill a gigabyte."""
        return UnlabelledInfos(paths)

    def _root_of(self, paths: list[str]) -> str:
        """The data root, or its folder ``images`` where the first picture is there."""
        inner = os.path.join(self.data_root, INNER)
        if not paths or os.path.exists(os.path.join(self.data_root, paths[0])):
            return self.data_root
        return (
            inner if os.path.exists(os.path.join(inner, paths[0])) else self.data_root
        )

    def _chosen(self, size: int) -> np.ndarray:
        """Positions in the list of the part to use, ascending."""
        number = round(self.fraction * size)
        if self.choice == "first" or number == size:
            return np.arange(number)
        order = np.random.default_rng(self.seed).permutation(size)
        return np.sort(order[:number])


class UnlabelledInfos(Sequence):
    """``data_info`` of pictures without identity and camera.

    Args:
        paths: their files.
    """

    def __init__(self, paths: list[str]) -> None:
        self.paths = paths

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, place: int | slice) -> dict | UnlabelledInfos:
        if isinstance(place, slice):
            return UnlabelledInfos(self.paths[place])
        return dict(img_path=self.paths[place], person_id=-1, camera_id=-1)


class NumpyValue:
    """Stands for what numpy pickled, such as the ``vids`` beside LUPerson's keys."""

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


def _latin1(text: str, encoding: str = "latin1") -> bytes:
    """How old pickles write bytes."""
    return text.encode("latin1")


class _PlainUnpickler(pickle.Unpickler):
    """Loads lists, tuples, dicts, texts and numbers; nothing that names a class."""

    def find_class(self, module: str, name: str):
        if module.partition(".")[0] == "numpy":
            return NumpyValue
        if (module, name) == ("_codecs", "encode"):
            return _latin1
        raise pickle.UnpicklingError(f"it holds {module}.{name}")


def read_image_list(path: Path) -> list[str]:
    """Paths of a text file or of a pickled list; see :class:`LUPerson`.

    Raises:
        DataLayoutError: Not such a file.
    """
    if path.suffix in (".pkl", ".pickle"):
        return _texts_of(_unpickle(path), path)
    lines = (line.strip() for line in read_lines(path))
    return [SCORE.sub("", line) for line in lines if line]


def _unpickle(path: Path) -> object:
    try:
        return _PlainUnpickler(io.BytesIO(path.read_bytes())).load()
    except Exception as error:  # a damaged pickle raises many types
        raise DataLayoutError(
            f"{path}: only a pickled plain list of texts is read ({error}); write "
            "the paths to a text file, one per line."
        ) from error


def _texts_of(content: object, path: Path) -> list[str]:
    if isinstance(content, dict):
        if "keys" not in content:
            found = ", ".join(sorted(map(str, content))[:5])
            raise DataLayoutError(
                f"{path} holds a dict without 'keys', the list of names; it has {found}"
            )
        content = content["keys"]
    if not isinstance(content, (list, tuple)):
        raise DataLayoutError(f"{path} holds no list but {type(content).__name__}.")
    items = [i.decode() if isinstance(i, bytes) else i for i in content]
    if not all(isinstance(item, str) for item in items):
        raise DataLayoutError(f"{path} is a list, but not one of texts.")
    return items

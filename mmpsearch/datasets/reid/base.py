"""What the re-identification data sets have in common."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from mmengine.dataset import BaseDataset

from mmpsearch.datasets.bad_images import SkipsBadImages
from mmpsearch.datasets.former_partition import FormerPartition
from mmpsearch.datasets.layout import OfficialLayout
from mmpsearch.datasets.reid.crops import Counts, Crops
from mmpsearch.datasets.seeded_dataset import SeededDataset
from mmpsearch.errors import DataLayoutError
from mmpsearch.evaluation.functional.identity_pairs import IdentityPairs


class ReIDDataset(
    FormerPartition, SkipsBadImages, OfficialLayout, SeededDataset, BaseDataset
):
    """Base of the data sets of person crops.

    A subclass reads one list of its official layout in :meth:`read_split`. Split
    ``'train'`` is the training list with person ids from 0; ``'test'`` is the queries
    and then the gallery, with official ids, so that one pass embeds everything. Each
    ``data_info`` has ``img_path``, ``img_id``, ``person_id``, ``camera_id`` (-1
    unknown), ``modality`` (``'rgb'``), ``is_query``, ``upright`` (True: loaded as its
    EXIF orientation says) and, in testing, ``target``.

    Args:
        data_root: Folder of the official layout, or the folder that holds it under
            its official name.
        split: ``'train'`` or ``'test'``.
        target: Name of the test set in results, where a run has several. Default:
            ``TARGET`` of the class.
        on_bad_image: ``'error'``, or ``'skip'`` for another picture in place of one
            that cannot be read (training only).
        identity_fraction: Share of the training identities that is kept, above 0 to
            1: the same ones for every seed, and those of a smaller share among those
            of a larger. For questions about few labels.
        **kwargs: Of ``mmengine.dataset.BaseDataset``: ``pipeline``, ``indices`` ...

    Raises:
        FileNotFoundError: A file or folder is missing; the message shows the layout
            and where the data is requested.
        DataLayoutError: A name or list is not what the layout says, or a list is
            empty.
    """

    METAINFO: dict = dict(classes=("person",))
    NAME = "re-identification"
    TARGET = "reid"
    SPLITS: tuple[str, ...] = ("train", "test")
    TRAINING: tuple[str, ...] = ("train",)  # those of them with ids from 0
    FOLDERS: tuple[str, ...] = ()
    MARKER = ""

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        target: str | None = None,
        on_bad_image: str = "error",
        identity_fraction: float = 1.0,
        test_mode: bool | None = None,
        **kwargs,
    ) -> None:
        if split not in self.SPLITS:
            raise ValueError(
                f"{self.NAME}: split {split!r} is not one of {self.SPLITS}."
            )
        if split not in self.TRAINING and kwargs.get("indices") is not None:
            raise ValueError(
                f"{self.NAME}: 'indices' would cut queries or gallery; it is for "
                "training only."
            )
        self.set_on_bad_image(on_bad_image)
        if not 0 < identity_fraction <= 1:
            raise ValueError(
                f"{self.NAME}: identity_fraction must be above 0 and at most 1, got "
                f"{identity_fraction}."
            )
        self.split = split
        self.identity_fraction = identity_fraction
        self.target = target or self.TARGET
        self.problem_counts: dict[str, int] = {}
        self.person_offset = 0
        self.camera_offset = 0
        self.image_offset = 0
        self._num_identities = 0
        test_mode = split not in self.TRAINING if test_mode is None else test_mode
        root = official_root(data_root, self.FOLDERS, self.MARKER)
        super().__init__(data_root=root, test_mode=test_mode, **kwargs)

    # ------------------------------------------------------------ for subclasses

    def read_split(self, part: str) -> Crops:
        """The crops of ``'train'``, ``'query'`` or ``'gallery'``, official ids."""
        raise NotImplementedError

    def published(self, part: str) -> Counts:
        """What the authors state of a list; empty counts where they do not."""
        return Counts()

    # --------------------------------------------------------------------- facts

    @property
    def is_training(self) -> bool:
        """Whether the split is for training, with ids from 0."""
        return self.split in self.TRAINING

    @property
    def parts(self) -> tuple[str, ...]:
        """The lists that make up the split."""
        return ("train",) if self.is_training else ("query", "gallery")

    @property
    def num_identities(self) -> int:
        """Number of labelled identities of the split."""
        self.full_init()
        return self._num_identities

    @property
    def metainfo(self) -> dict:
        """``name``, ``classes``, ``num_identities``, ``num_cameras``.

        In testing also ``target``, ``num_queries`` and ``num_gallery``.
        ``num_cameras`` is the highest camera id plus one. Of a set built with
        ``lazy_init`` only what is known without its files.
        """
        return super().metainfo

    @cached_property
    def person_ids(self) -> np.ndarray:
        """(N,) int64 person id of every item."""
        return self._labels("person_id")

    @cached_property
    def camera_ids(self) -> np.ndarray:
        """(N,) int64 camera id of every item."""
        return self._labels("camera_id")

    def _labels(self, key: str) -> np.ndarray:
        infos = (self.get_data_info(i) for i in range(len(self)))
        return np.array([info[key] for info in infos], dtype=np.int64)

    def set_offsets(self, person: int, camera: int, image: int) -> None:
        """Shift the ids, for several sets at once (-1 stays -1)."""
        self.person_offset, self.camera_offset = person, camera
        self.image_offset = image
        for name in ("person_ids", "camera_ids"):
            self.__dict__.pop(name, None)

    # ------------------------------------------------------------------- loading

    def _join_prefix(self) -> None:
        """Paths are built by :meth:`require`, which explains a missing file."""

    def load_data_list(self) -> list[dict]:
        """Read and check the lists; one ``data_info`` per crop."""
        if not Path(self.data_root).is_dir():
            self.require()
        parts = {part: self.read_split(part) for part in self.parts}
        for part, crops in parts.items():
            if not len(crops):
                raise DataLayoutError(
                    f"{self.NAME}: the {part} list of {self.data_root} is empty"
                    + (f" ({crops.left_out} left out)." if crops.left_out else ".")
                    + f" Expected layout:\n{self.LAYOUT}"
                )
        if self.is_training and self.identity_fraction < 1:
            parts["train"] = keep_identities(parts["train"], self.identity_fraction)
        persons = np.concatenate([crops.person_ids for crops in parts.values()])
        cameras = np.concatenate([crops.camera_ids for crops in parts.values()])
        labelled = np.unique(persons[persons >= 0])
        self._num_identities = len(labelled)
        self._metainfo.update(
            name=self.NAME,
            num_identities=len(labelled),
            num_cameras=int(cameras.max()) + 1,
        )
        if not self.is_training:
            self._metainfo.update(
                target=self.target,
                num_queries=len(parts["query"]),
                num_gallery=len(parts["gallery"]),
            )
            self._require_answers(parts["query"], parts["gallery"])
        else:
            positions = np.searchsorted(labelled, persons)
            persons = np.where(persons >= 0, positions, -1)
        paths = [path for crops in parts.values() for path in crops.paths]
        num_queries = len(parts.get("query", ()))
        del parts  # of millions of pictures, only what is needed stays
        infos = self.infos_of(paths, persons, cameras)
        for info in infos[:num_queries]:
            info["is_query"] = True
        return infos

    def infos_of(
        self, paths: list[str], persons: np.ndarray, cameras: np.ndarray
    ) -> Sequence[dict]:
        """One ``data_info`` per crop."""
        return [
            dict(img_path=path, person_id=person, camera_id=camera)
            for path, person, camera in zip(
                paths, persons.tolist(), cameras.tolist(), strict=True
            )
        ]

    def _serialize_data(self) -> tuple[np.ndarray, np.ndarray]:
        """As MMEngine's, in a third of its memory: nothing is held per item."""
        buffer = bytearray()
        ends = np.empty(len(self.data_list), dtype=np.int64)
        for place, info in enumerate(self.data_list):
            buffer += pickle.dumps(info, protocol=4)
            ends[place] = len(buffer)
        self.data_list = []
        return np.frombuffer(buffer, dtype=np.uint8), ends

    def _require_answers(self, queries: Crops, gallery: Crops) -> None:
        """Refuse a test set without a single match, which no metric can score."""
        matches = IdentityPairs(
            queries.person_ids,
            gallery.person_ids,
            queries.camera_ids,
            gallery.camera_ids,
        )
        total = len(queries)
        unanswered = sum(not len(matches.of_query(i)[0]) for i in range(total))
        if unanswered == total:
            shared = np.isin(queries.person_ids, gallery.person_ids).any()
            reason = (
                "every match was seen by the query's own camera, and such pictures do "
                "not count"
                if shared
                else "the two lists share no person"
            )
            raise DataLayoutError(
                f"{self.NAME}: no query of {self.data_root} can be answered, none of "
                f"the {total} has a match in the gallery: {reason}; check the ids and "
                "cameras of both lists"
            )
        self.note(
            "queries without gallery match",
            unanswered,
            f"of {total} queries have no match in the gallery; no metric counts them.",
        )

    def get_data_info(self, idx: int) -> dict:
        """A copy of item ``idx``, with the ids shifted and all keys."""
        info = super().get_data_info(idx)
        if info["person_id"] >= 0:
            info["person_id"] += self.person_offset
        if info["camera_id"] >= 0:
            info["camera_id"] += self.camera_offset
        info.setdefault("is_query", False)
        info.setdefault("modality", "rgb")
        info.setdefault("upright", True)  # a crop is what a viewer shows
        info["img_id"] = info["sample_idx"] + self.image_offset
        if not self.is_training:
            info["target"] = self.target
        return info


def official_root(data_root: str, folders: tuple[str, ...], marker: str) -> str:
    """``data_root``, or the folder of an official name in it that has ``marker``."""
    root = Path(data_root)
    if marker and not (root / marker).exists():
        for folder in folders:
            if (root / folder / marker).exists():
                return str(root / folder)
    return str(data_root)


def keep_identities(crops: Crops, fraction: float) -> Crops:
    """The crops of a share of the identities, at least one; unlabelled ones stay.

    Which identities are kept depends on nothing but the list of them.
    """
    persons = np.asarray(crops.person_ids)
    labelled = np.unique(persons[persons >= 0])
    order = np.random.default_rng(0).permutation(labelled)
    kept = order[: max(round(fraction * len(order)), 1)]
    return crops.keep((persons < 0) | np.isin(persons, kept))

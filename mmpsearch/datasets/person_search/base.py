"""What the person-search data sets have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from mmengine.dataset import BaseDataset

from mmpsearch.datasets.bad_images import SkipsBadImages
from mmpsearch.datasets.former_partition import FormerPartition
from mmpsearch.datasets.io.array_cache import cached_arrays
from mmpsearch.datasets.layout import OfficialLayout
from mmpsearch.datasets.person_search.annotations import (
    SceneAnnotations,
    contiguous_ids,
    unique_person_ids,
    without_area,
)
from mmpsearch.datasets.person_search.scene_files import SceneFiles
from mmpsearch.datasets.seeded_dataset import SeededDataset
from mmpsearch.datasets.transforms.quantize import with_quantization
from mmpsearch.errors import DataLayoutError, DataOptionError
from mmpsearch.structures.search_protocol import SearchProtocol


class PersonSearchDataset(
    FormerPartition,
    SceneFiles,
    SkipsBadImages,
    OfficialLayout,
    SeededDataset,
    BaseDataset,
):
    """Base of the data sets whose images show many persons.

    A subclass reads its official raw layout in :meth:`load_annotations` and, for test
    splits, :meth:`load_protocol`. Each ``data_info`` has ``img_path``,
    ``img_id``, ``img_key``, ``camera_id`` (-1 unknown), ``height`` and ``width``
    (where known), ``gt_bboxes`` (N, 4) float32 xyxy in original pixels,
    ``gt_person_ids`` (N,) int64 (training: from 0, test: official ids; -1 without
    label), ``gt_unique_ids`` (N,) int64 (an own id for every unlabelled person too),
    ``query_bboxes`` (M, 4) float32 and ``query_ids`` (M,) int64.

    What is wrong with the annotations is repaired and said in one warning per
    problem with its count; the counts stay in ``problem_counts``. Boxes of samples
    are cut at the image's borders; the protocol keeps them as annotated, for
    comparable numbers.

    Args:
        data_root: Folder with the official layout.
        split: ``'train'`` or ``'test'`` (a subclass may have others).
        read_sizes: Read all image headers at the first load (then cached), which
            finds missing images and boxes outside their image at once. Otherwise
            that happens when an image is loaded.
        on_bad_image: ``'error'``: an image that cannot be read stops the run.
            ``'skip'``: in training another image takes its place, with a
            warning that counts; in testing it is an error all the same.
        compat_quantization: Put the reference's 8-bit detour into the pipeline
            (:func:`~mmpsearch.datasets.transforms.quantize.with_quantization`), for
            weights that were trained with it.
        filter_cfg: ``dict(min_persons=1)`` leaves out training images with fewer
            annotated persons. Default: all images stay.
        **kwargs: Of ``mmengine.dataset.BaseDataset``: ``pipeline``, ``indices``,
            ``lazy_init``, ``serialize_data``, ``max_refetch`` ...

    Raises:
        FileNotFoundError: A file of the layout is missing; the message shows the
            layout and where the data is requested.
        DataLayoutError: A file does not hold what it should.
        DataOptionError: An argument names what does not exist.
    """

    METAINFO: dict = dict(classes=("person",), palette=[(220, 20, 60)])
    NAME = "person search"
    SPLITS = ("train", "test")
    IMAGE_FOLDER = ""

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        read_sizes: bool = True,
        on_bad_image: str = "error",
        compat_quantization: bool = False,
        test_mode: bool | None = None,
        **kwargs,
    ) -> None:
        if split not in self.SPLITS:
            raise DataOptionError(
                f"{self.NAME}: split {split!r} is not one of {self.SPLITS}."
            )
        self.set_on_bad_image(on_bad_image)
        unknown = set(kwargs.get("filter_cfg") or {}) - {"min_persons"}
        if unknown:
            raise DataOptionError(
                f"{self.NAME}: filter_cfg knows min_persons only, got "
                f"{', '.join(sorted(unknown))}."
            )
        self.split = split
        self.read_sizes = read_sizes
        self.problem_counts: dict[str, int] = {}
        self._num_identities = 0
        test_mode = split != "train" if test_mode is None else test_mode
        if split != "train" and kwargs.get("indices") is not None:
            raise DataOptionError(
                f"{self.NAME}: 'indices' would cut the {split} images and with "
                "them the protocol; it is for training splits only."
            )
        super().__init__(data_root=data_root, test_mode=test_mode, **kwargs)
        if compat_quantization:
            self.pipeline.transforms = with_quantization(self.pipeline.transforms)

    # ------------------------------------------------------------ for subclasses

    def load_annotations(self) -> SceneAnnotations:
        """Images of the split with official ids; boxes as annotated."""
        raise NotImplementedError

    def load_protocol(self, scenes: SceneAnnotations) -> SearchProtocol | None:
        """The search protocol of a test split, None if it has none."""
        return None

    def load_further_protocols(
        self, scenes: SceneAnnotations
    ) -> dict[str, SearchProtocol]:
        """Name -> protocol with other galleries of the same queries."""
        return {}

    def training_ids(self, scenes: SceneAnnotations) -> np.ndarray:
        """Sorted official ids that become 0, 1, ... in training."""
        return np.unique(scenes.person_ids[scenes.person_ids >= 0])

    # ------------------------------------------------------------------- helpers

    @property
    def image_folder(self) -> Path:
        """Where the scenes are."""
        return Path(self.data_root) / self.IMAGE_FOLDER

    @property
    def num_identities(self) -> int:
        """Number of labelled identities of the split."""
        self.full_init()
        return self._num_identities

    @property
    def metainfo(self) -> dict:
        """``name``, ``classes``, ``num_identities``, in testing ``protocol``(s).

        Of a set built with ``lazy_init`` only what is known without its files.
        """
        return super().metainfo

    def cached(
        self, name: str, sources: Iterable, version: str, build: Callable
    ) -> dict:
        """``build()``'s arrays, from the cache of this data root if unchanged."""
        return cached_arrays(self.data_root, name, list(sources), version, build)

    # ------------------------------------------------------------------- loading

    def _join_prefix(self) -> None:
        """Paths are built by :meth:`require`, which explains a missing file."""

    def load_data_list(self) -> list[dict]:
        """Read, check and repair the annotations; one ``data_info`` per image."""
        if not Path(self.data_root).is_dir():
            self.require()
        scenes = self.with_sizes(self.load_annotations())
        annotated = scenes.num_images
        scenes, clipped = self._repair(scenes)
        if not scenes.num_images:
            raise DataLayoutError(
                f"{self.NAME}: no image of split {self.split!r} of "
                f"{self.data_root} is left of {annotated} annotated ones, "
                f"filter_cfg={self.filter_cfg}. Expected layout:\n{self.LAYOUT}"
            )
        protocol = None
        if self.split == "train":
            order = self.training_ids(scenes)
            person_ids = contiguous_ids(scenes.person_ids, order)
            self._num_identities, first_free = len(order), len(order)
            self._metainfo["identity_order"] = order.tolist()  # official ids
        else:
            protocol = self.load_protocol(scenes)
            person_ids = scenes.person_ids
            labelled = np.unique(person_ids[person_ids >= 0])
            self._num_identities = len(labelled)
            first_free = int(labelled[-1]) + 1 if len(labelled) else 0
        self._metainfo.update(name=self.NAME, num_identities=self._num_identities)
        if protocol is not None:
            self._metainfo["protocol"] = protocol
            if further := self.load_further_protocols(scenes):
                self._metainfo["protocols"] = further
            unanswered = len(protocol.queries_without_positive())
            if unanswered == protocol.num_queries:
                raise DataLayoutError(
                    f"{self.NAME}: no query of {self.data_root} can be answered: none "
                    f"of the {protocol.num_queries} queries' persons is in a gallery "
                    "image; check the person ids of queries and images."
                )
            self.note(
                "queries without gallery match",
                unanswered,
                f"of {protocol.num_queries} queries have no match in their gallery; "
                "their average precision is 0.",
            )
        unique_ids = unique_person_ids(person_ids, first_free)
        return self._data_list(scenes, clipped, person_ids, unique_ids, protocol)

    def _repair(self, scenes: SceneAnnotations) -> tuple[SceneAnnotations, np.ndarray]:
        """Drop what is empty; returns the rest and its boxes cut at the borders."""
        total, keys = len(scenes.boxes), scenes.image_keys
        if total and scenes.boxes.min() >= 0 and scenes.boxes.max() <= 1:
            raise DataLayoutError(
                f"{self.NAME}: all {total} boxes of {self.data_root} lie between 0 and "
                "1, as shares of the picture's sides. Boxes are in pixels: multiply "
                "them by the pictures' width and height."
            )
        clipped = scenes.clipped_boxes()
        empty = without_area(clipped)
        outside = (clipped != scenes.boxes).any(axis=1) & ~empty
        for problem, mask, message in (
            ("boxes without area", empty, "have no area in their image, dropped"),
            ("boxes outside", outside, "reach outside their image, cut at its border"),
        ):
            first = "".join(keys[scenes.images_of_boxes[mask][:1]])
            self.note(
                problem, mask.sum(), f"of {total} boxes {message} (first in {first})."
            )
        scenes, clipped = scenes.keep_boxes(~empty), clipped[~empty]
        lengths = np.diff(scenes.offsets)
        minimum = (self.filter_cfg or {}).get("min_persons", 0)
        if self.split == "train" and (lengths < minimum).any():
            keep = lengths >= minimum
            clipped = clipped[np.repeat(keep, lengths)]
            scenes = scenes.keep_images(keep)
        self.note(
            "images without persons",
            (np.diff(scenes.offsets) == 0).sum(),
            f"of {scenes.num_images} images show no annotated person.",
        )
        return scenes, clipped

    def _data_list(
        self,
        scenes: SceneAnnotations,
        boxes: np.ndarray,
        person_ids: np.ndarray,
        unique_ids: np.ndarray,
        protocol: SearchProtocol | None,
    ) -> list[dict]:
        boxes = boxes.astype(np.float32)
        queries_of: dict[int, list[int]] = {}
        if protocol is not None:
            for query, image in enumerate(protocol.query_images.tolist()):
                queries_of.setdefault(image, []).append(query)
        folder, infos = str(self.image_folder), []
        for image, key in enumerate(scenes.image_keys.tolist()):
            begin, end = scenes.offsets[image : image + 2]
            queries = np.array(queries_of.get(image, []), dtype=np.int64)
            height, width = scenes.sizes[image].tolist()
            info = dict(
                img_path=os.path.join(folder, key),
                img_id=image,
                img_key=key,
                camera_id=int(scenes.cameras[image]),
                gt_bboxes=boxes[begin:end],
                gt_person_ids=person_ids[begin:end],
                gt_unique_ids=unique_ids[begin:end],
                query_bboxes=np.zeros((0, 4), np.float32),
                query_ids=queries,
            )
            if height > 0:
                info.update(height=height, width=width)
            if scenes.upright[image]:
                info["upright"] = True
            if len(queries):
                limits = [width, height] * 2 if height > 0 else [np.inf] * 4
                query_boxes = np.clip(protocol.query_boxes[queries], 0, limits)
                info["query_bboxes"] = query_boxes.astype(np.float32)
            infos.append(info)
        return infos

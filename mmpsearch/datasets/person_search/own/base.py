"""What the data sets that users labelled themselves have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmpsearch.datasets.person_search.annotations import SceneAnnotations
from mmpsearch.datasets.person_search.base import PersonSearchDataset
from mmpsearch.datasets.person_search.own.queries import choose_queries
from mmpsearch.datasets.person_search.own.scenes import OwnScenes
from mmpsearch.datasets.person_search.own.splits import test_images
from mmpsearch.errors import DataLayoutError
from mmpsearch.structures.search_protocol import (
    SearchProtocol,
    positives_from_ground_truth,
)


class OwnPersonSearch(PersonSearchDataset):
    """Base: splits what a subclass reads, and chooses whom to search for.

    A subclass reads all images in :meth:`read_scenes`, and names the files that it
    depends on in :meth:`sources`. People and cameras may have any names; they are
    numbered in sorted order over the whole data set (``metainfo["people"]`` and
    ``metainfo["cameras"]`` have the names by number). The gallery of a query is every
    test image but its own.

    Args:
        data_root: Folder of the data set.
        split: ``'train'`` or ``'test'`` (or ``'val'``, where the annotations have
            such a split).
        split_by: How to split, arguments of
            :func:`~mmpsearch.datasets.person_search.own.splits.test_images`, such as
            ``dict(by="time", test_share=0.5)``. None: as the annotations say.
        queries: Whom to search for, arguments of
            :func:`~mmpsearch.datasets.person_search.own.queries.choose_queries`, or
            ``"named"``: the boxes that the annotations mark. None: the marked ones,
            or by rule where none is marked. ``new_people=True`` among the arguments
            leaves out people whom training images show too; it is on where the split
            is by person.
        **kwargs: Of :class:`PersonSearchDataset`.
    """

    SPLITS = ("train", "val", "test")
    READ_HEADERS = True
    UPRIGHT_BOXES = True
    REQUEST = "docs/own_data.md shows how to make such a data set."
    VERSION = ""  # changes whenever read_scenes returns something else

    def __init__(
        self,
        data_root: str,
        split: str = "train",
        *,
        split_by: dict | None = None,
        queries: dict | str | None = None,
        **kwargs,
    ) -> None:
        self.split_by = split_by
        self.queries = queries
        self._chosen: OwnScenes | None = None
        super().__init__(data_root, split, **kwargs)

    # ------------------------------------------------------------ for subclasses

    def sources(self) -> Iterable[Path]:
        """Files that :meth:`read_scenes` reads."""
        raise NotImplementedError

    def read_scenes(self) -> OwnScenes:
        """All images with all labelled people."""
        raise NotImplementedError

    # ------------------------------------------------------------------- loading

    def load_annotations(self) -> SceneAnnotations:
        sources = list(self.sources())
        arrays = self.cached(
            type(self).__name__, sources, self.VERSION, lambda: self._arrays()
        )
        own = OwnScenes.from_arrays(arrays)
        self._note_read(arrays)
        own = self._of_split(own)
        self._chosen = own
        self._metainfo.update(people=own.people, cameras=own.cameras)
        return own.scenes

    def _arrays(self) -> dict[str, np.ndarray]:
        """What is cached: the scenes, and counts of what was left out."""
        return self.read_scenes().arrays()

    def _note_read(self, arrays: dict[str, np.ndarray]) -> None:
        """Warn of what a subclass left out while reading."""

    def _of_split(self, own: OwnScenes) -> OwnScenes:
        """The images of this split."""
        if self.split_by is not None:
            is_test = test_images(own, **self.split_by)
            splits = np.where(is_test, "test", "train")
        elif (own.splits == "").all():
            raise DataLayoutError(
                f"{self.NAME}: nothing in {self.data_root} says which images are for "
                "training and which for testing; give the data set "
                "split_by=dict(by='time'), by 'camera' or 'person'."
            )
        else:
            splits = own.splits
            self.note(
                "images without split",
                (splits == "").sum(),
                "images have no split and are used in none.",
            )
        keep = splits == self.split
        if not keep.any():
            rule = "the annotations' splits"
            if self.split_by:
                rule = f"split_by={self.split_by}"
            raise DataLayoutError(
                f"{self.NAME}: {rule} leave no image of {self.data_root} in split "
                f"{self.split!r}; all are in {sorted(set(splits) - {''})}. Split "
                "by another rule (by='time' always leaves both) or share."
            )
        self._train_people = np.unique(
            own.scenes.person_ids[(splits == "train")[own.scenes.images_of_boxes]]
        )
        boxes = keep[own.scenes.images_of_boxes]
        return replace(
            own,
            scenes=own.scenes.keep_images(keep),
            splits=splits[keep],
            order=own.order[keep],
            is_query=own.is_query[boxes],
        )

    def load_protocol(self, scenes: SceneAnnotations) -> SearchProtocol:
        chosen = self._query_boxes(scenes)
        images, people = scenes.images_of_boxes[chosen], scenes.person_ids[chosen]
        self.note(
            "queries seen in training",
            np.isin(people, self._train_people).sum(),
            f"of {len(people)} queries show people whom training images show too; "
            "results are better than for people who were never seen.",
        )
        truth = (scenes.boxes, scenes.person_ids, scenes.offsets)
        offsets, positives, positive_boxes = positives_from_ground_truth(
            *truth, images, people
        )
        return SearchProtocol(
            name=self.NAME,
            image_keys=scenes.image_keys.tolist(),
            image_cameras=scenes.cameras,
            gt_boxes=truth[0],
            gt_person_ids=truth[1],
            gt_offsets=truth[2],
            query_images=images,
            query_boxes=scenes.boxes[chosen],
            query_person_ids=people,
            gallery_offsets=None,
            gallery_images=None,
            positive_offsets=offsets,
            positive_images=positives,
            positive_boxes=positive_boxes,
        )

    def _query_boxes(self, scenes: SceneAnnotations) -> np.ndarray:
        """(Q,) positions of the queries among the boxes that are left."""
        marked, order = self._still_there(scenes)
        if self.queries == "named" or (self.queries is None and marked.any()):
            unlabelled = marked & (scenes.person_ids < 0)
            if unlabelled.any() or not marked.any():
                raise DataLayoutError(
                    f"{self.NAME}: {unlabelled.sum() or 'no'} box of split "
                    f"{self.split!r} of {self.data_root} is marked as a query"
                    + (" but has no person." if unlabelled.any() else ".")
                )
            return np.flatnonzero(marked)
        options = {} if self.queries is None else dict(self.queries)
        by_person = (self.split_by or {}).get("by") == "person"
        if options.pop("new_people", by_person):
            options["unwanted"] = self._train_people.tolist()
        chosen = choose_queries(scenes, order, **options)
        if not len(chosen):
            raise DataLayoutError(
                f"{self.NAME}: nobody is labelled in two images of split "
                f"{self.split!r} of {self.data_root}, so nobody can be found "
                "again: label the same people in several images, or split otherwise."
            )
        return chosen

    def _still_there(self, scenes: SceneAnnotations) -> tuple[np.ndarray, np.ndarray]:
        """Marks (G,) and order (I,) of the scenes after damaged ones were left out."""
        own = self._chosen
        place = {key: i for i, key in enumerate(own.scenes.image_keys.tolist())}
        images = np.array([place[key] for key in scenes.image_keys.tolist()], np.int64)
        marked = {
            (int(image), *box)
            for image, box in zip(
                own.scenes.images_of_boxes[own.is_query],
                own.scenes.boxes[own.is_query].tolist(),
                strict=True,
            )
        }
        marks = [
            (int(images[image]), *box) in marked
            for image, box in zip(
                scenes.images_of_boxes, scenes.boxes.tolist(), strict=True
            )
        ]
        return np.array(marks, dtype=bool), own.order[images]

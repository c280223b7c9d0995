"""Which images a query is searched in: the two gallery policies of person search.

A policy answers two questions: how often each image counts in each query's gallery
(:meth:`counts`), and where the query's person really is (:attr:`positives`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mmpsearch.evaluation.functional.ragged import (
    expand_ranges,
    first_of_each,
    offsets_from_counts,
)

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol

Cameras = Literal["all", "cross", "same"]
Policy = Literal["protocol", "whole"]


@dataclass(frozen=True)
class Positives:
    """The query person's box in each image where it appears, one per image.

    Attributes:
        offsets: (Q + 1,) int64 ranges per query.
        images: (P,) int64 image index.
        boxes: (P, 4) float64 xyxy in pixels of the original image.
    """

    offsets: np.ndarray
    images: np.ndarray
    boxes: np.ndarray

    @classmethod
    def from_pairs(
        cls, queries: np.ndarray, images: np.ndarray, boxes: np.ndarray, count: int
    ) -> "Positives":
        """From (P,) query and image indices, queries ascending.

        Where a person has several boxes in an image the first one is kept, as both
        public evaluators do.
        """
        largest = int(images.max(initial=0)) + 1
        first = first_of_each(queries.astype(np.int64) * largest + images)
        return cls(
            offsets=offsets_from_counts(np.bincount(queries[first], minlength=count)),
            images=images[first].astype(np.int64),
            boxes=np.asarray(boxes[first], dtype=np.float64),
        )


class ListedGallery:
    """Every query has its own list of gallery images (CUHK-SYSU, 50 to 4000 images).

    An image listed twice is searched once, but a person in it counts as two
    people to be found, as in the public evaluators.

    Args:
        protocol: A protocol with ``gallery_offsets`` and ``gallery_images``.
    """

    def __init__(self, protocol: "SearchProtocol") -> None:
        if protocol.gallery_offsets is None:
            raise ValueError(
                f"protocol {protocol.name!r} has no gallery lists: use WholeGallery"
            )
        self.num_images = len(protocol.image_keys)
        self.offsets = np.asarray(protocol.gallery_offsets)
        self.images = protocol.gallery_images
        owners = np.repeat(
            np.arange(len(protocol.query_images)), np.diff(protocol.positive_offsets)
        )
        self.positives = Positives.from_pairs(
            owners,
            protocol.positive_images,
            protocol.positive_boxes,
            len(protocol.query_images),
        )

    def counts(self, start: int, stop: int) -> np.ndarray:
        """(stop - start, I) int: times each image is listed for these queries."""
        lists = self.offsets[start : stop + 1]
        rows = np.repeat(np.arange(stop - start), np.diff(lists))
        cells = rows * self.num_images + self.images[lists[0] : lists[-1]]
        flat = np.bincount(cells, minlength=(stop - start) * self.num_images)
        return flat.reshape(stop - start, self.num_images)

    @property
    def mean_size(self) -> float:
        """Mean number of gallery images per query."""
        return float(np.diff(self.offsets).mean()) if len(self.offsets) > 1 else 0.0


class WholeGallery:
    """Every image of the test set but the query's own (PRW).

    Args:
        protocol: A search protocol; its ground truth says where the people are.
        cameras: ``"all"``; ``"cross"`` leaves out images of the query's camera;
            ``"same"`` keeps only these.
    """

    def __init__(self, protocol: "SearchProtocol", cameras: Cameras = "all") -> None:
        if cameras not in ("all", "cross", "same"):
            raise ValueError(f"cameras must be 'all', 'cross' or 'same': {cameras!r}")
        known = np.asarray(protocol.image_cameras)
        if cameras != "all" and (known < 0).any():
            raise ValueError(
                f"cameras={cameras!r} needs the camera of every image, but protocol "
                f"{protocol.name!r} has {np.sum(known < 0)} images without one"
            )
        self.cameras = cameras
        self.num_images = len(protocol.image_keys)
        self.image_cameras = known
        self.query_images = np.asarray(protocol.query_images)
        self.positives = people_in_images(protocol)

    def counts(self, start: int, stop: int) -> np.ndarray:
        """(stop - start, I) int: 1 for gallery images of these queries, else 0."""
        own = self.query_images[start:stop]
        listed = np.ones((stop - start, self.num_images), dtype=np.int64)
        if self.cameras != "all":
            same = self.image_cameras[own][:, None] == self.image_cameras[None]
            listed[same if self.cameras == "cross" else ~same] = 0
        listed[np.arange(stop - start), own] = 0
        return listed

    @property
    def mean_size(self) -> float:
        """Number of gallery images per query, camera rule not counted."""
        return float(self.num_images - 1)


def appearances(
    protocol: "SearchProtocol",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every ground-truth box of each query's person, the query itself included.

    Returns:
        Three (P,) int64 arrays, by query, image and box: query index, image index,
        index into ``gt_boxes``.
    """
    query_ids = np.asarray(protocol.query_person_ids)
    if len(query_ids) and query_ids.min() < 0:
        raise ValueError(
            f"protocol {protocol.name!r}: query {int(np.argmin(query_ids))} has no "
            f"person id ({query_ids.min()}); queries must be labelled people"
        )
    person_ids = np.asarray(protocol.gt_person_ids)
    order = np.argsort(person_ids, kind="stable")
    left = np.searchsorted(person_ids[order], query_ids, side="left")
    right = np.searchsorted(person_ids[order], query_ids, side="right")
    ranked, queries = expand_ranges(left, right - left)
    boxes = order[ranked]
    images = np.searchsorted(protocol.gt_offsets, boxes, side="right") - 1
    return queries, images, boxes


def people_in_images(protocol: "SearchProtocol") -> Positives:
    """Where the ground truth has each query's person, the query's image included."""
    queries, images, boxes = appearances(protocol)
    gt_boxes = np.asarray(protocol.gt_boxes)
    return Positives.from_pairs(
        queries, images, gt_boxes[boxes], len(protocol.query_images)
    )


def default_gallery(
    protocol: "SearchProtocol", cameras: Cameras = "all"
) -> ListedGallery | WholeGallery:
    """The protocol's own policy: its lists where it has them, else the whole set."""
    if protocol.gallery_offsets is None:
        return WholeGallery(protocol, cameras)
    if cameras != "all":
        raise ValueError(
            f"protocol {protocol.name!r} lists its galleries, so cameras={cameras!r} "
            f"does not apply: use the whole gallery"
        )
    return ListedGallery(protocol)


def gallery_of(
    protocol: "SearchProtocol", policy: Policy = "protocol", cameras: Cameras = "all"
) -> ListedGallery | WholeGallery:
    """The gallery that ``PersonSearchMetric`` is told to search.

    Args:
        protocol: Of the test set.
        policy: The protocol's own, see :func:`default_gallery`, or the whole set.
        cameras: Of the whole set.
    """
    if policy == "whole":
        return WholeGallery(protocol, cameras)
    return default_gallery(protocol, cameras)


def queries_of_images(
    protocols: "Sequence[SearchProtocol]",
) -> tuple[np.ndarray, np.ndarray] | None:
    """Which queries must be looked for in each image, over all the protocols.

    Args:
        protocols: Over the same images and queries.

    Returns:
        (I + 1,) int64 offsets and (P,) int64 ascending queries of each image; None
        where a protocol has no lists, since then every query is looked for in every
        image.
    """
    if any(protocol.gallery_offsets is None for protocol in protocols):
        return None
    keys = np.unique(np.concatenate([listed_pairs(p) for p in protocols]))
    images, queries = keys % 2**32, keys >> 32
    order = np.lexsort((queries, images))
    per_image = np.bincount(images, minlength=len(protocols[0].image_keys))
    return offsets_from_counts(per_image), queries[order]


def listed_pairs(protocol: "SearchProtocol") -> np.ndarray:
    """(M,) int64 ``query << 32 | image`` of every entry of the gallery lists."""
    owners = np.repeat(
        np.arange(len(protocol.query_images)), np.diff(protocol.gallery_offsets)
    )
    return owners << 32 | np.asarray(protocol.gallery_images, dtype=np.int64)

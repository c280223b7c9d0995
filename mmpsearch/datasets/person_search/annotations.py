"""Annotated scenes of a data set as flat arrays, and their repair."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmpsearch.structures.search_protocol import offsets_from_lengths


@dataclass(frozen=True)
class SceneAnnotations:
    """Images and the persons annotated in them.

    Attributes:
        image_keys: (I,) str file names as the protocol names them.
        cameras: (I,) int64, -1 unknown.
        sizes: (I, 2) int64 height and width, 0 where unknown.
        upright: (I,) bool, boxes refer to the picture turned by its EXIF orientation
            (and so do sizes), not to the stored pixels. None: to the stored ones.
        boxes: (G, 4) float64 xyxy in pixels, image after image.
        person_ids: (G,) int64 official ids, -1 without identity label.
        offsets: (I + 1,) int64, boxes of image i are [offsets[i]:offsets[i + 1]].
    """

    image_keys: np.ndarray
    cameras: np.ndarray
    sizes: np.ndarray
    boxes: np.ndarray
    person_ids: np.ndarray
    offsets: np.ndarray
    upright: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.upright is None:
            stored = np.zeros(len(self.image_keys), dtype=bool)
            object.__setattr__(self, "upright", stored)

    @classmethod
    def from_lists(
        cls,
        image_keys: list[str],
        boxes: list[np.ndarray],
        person_ids: list[np.ndarray],
        cameras: list[int] | None = None,
        sizes: np.ndarray | None = None,
    ) -> SceneAnnotations:
        """Build from one array of boxes (n, 4) and one of ids (n,) per image."""
        count = len(image_keys)
        flat = [np.zeros((0, 4)), *(np.reshape(b, (-1, 4)) for b in boxes)]
        return cls(
            np.array(image_keys, dtype=np.str_),
            np.full(count, -1) if cameras is None else np.array(cameras, np.int64),
            np.zeros((count, 2), np.int64) if sizes is None else np.asarray(sizes),
            np.concatenate(flat).astype(np.float64),
            np.concatenate([np.zeros(0), *person_ids]).astype(np.int64),
            offsets_from_lengths([len(ids) for ids in person_ids]),
        )

    @property
    def num_images(self) -> int:
        return len(self.image_keys)

    @property
    def images_of_boxes(self) -> np.ndarray:
        """(G,) image index of each box."""
        return np.repeat(np.arange(self.num_images), np.diff(self.offsets))

    def of_image(self, image: int) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (n, 4) and person ids (n,) of an image."""
        chosen = slice(self.offsets[image], self.offsets[image + 1])
        return self.boxes[chosen], self.person_ids[chosen]

    def keep_boxes(self, keep: np.ndarray) -> SceneAnnotations:
        """Without the boxes where the mask ``keep`` (G,) is False."""
        lengths = np.bincount(self.images_of_boxes[keep], minlength=self.num_images)
        return replace(
            self,
            boxes=self.boxes[keep],
            person_ids=self.person_ids[keep],
            offsets=offsets_from_lengths(lengths),
        )

    def keep_images(self, keep: np.ndarray) -> SceneAnnotations:
        """Without the images where the mask ``keep`` (I,) is False."""
        lengths = np.diff(self.offsets)
        boxes = np.repeat(keep, lengths)
        return SceneAnnotations(
            self.image_keys[keep],
            self.cameras[keep],
            self.sizes[keep],
            self.boxes[boxes],
            self.person_ids[boxes],
            offsets_from_lengths(lengths[keep]),
            self.upright[keep],
        )

    def clipped_boxes(self) -> np.ndarray:
        """(G, 4) boxes cut at their image's borders (where unknown only at 0)."""
        height, width = self.sizes[self.images_of_boxes].astype(np.float64).T
        limits = np.stack([width, height, width, height], axis=1)
        return np.clip(self.boxes, 0, np.where(limits > 0, limits, np.inf))


def without_area(boxes: np.ndarray) -> np.ndarray:
    """(G,) mask of xyxy boxes whose width or height is not positive."""
    return ~((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))


def match_boxes(boxes: np.ndarray, box: np.ndarray) -> int:
    """Index of the first box equal to ``box`` in all coordinates, or -1."""
    found = np.flatnonzero((boxes == box).all(axis=1))
    return int(found[0]) if len(found) else -1


def contiguous_ids(person_ids: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Positions of ids in the sorted array ``order``; -1 for ids not in it."""
    if not len(order):
        return np.full(len(person_ids), -1, dtype=np.int64)
    found = np.searchsorted(order, person_ids).clip(max=len(order) - 1)
    return np.where(order[found] == person_ids, found, -1).astype(np.int64)


def unique_person_ids(person_ids: np.ndarray, first_free: int) -> np.ndarray:
    """Ids that tell unlabelled persons apart: -1 becomes ``first_free`` + a counter."""
    unlabelled = person_ids < 0
    counter = first_free + np.cumsum(unlabelled) - 1
    return np.where(unlabelled, counter, person_ids).astype(np.int64)

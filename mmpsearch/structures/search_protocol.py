"""What a person-search benchmark asks: queries, galleries and the right answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class SearchProtocol:
    """Queries, galleries and ground truth of one test set, as plain arrays.

    An image is named by its position in ``image_keys``, which is also the ``img_id``
    of the test dataset. All boxes are ``xyxy`` in pixels of the original image.
    Ragged lists are stored flat with offsets: list ``i`` is
    ``flat[offsets[i]:offsets[i + 1]]``. Arrays are converted to the types below and
    made read-only; copying a protocol, also deeply, gives the same object.

    Args:
        name: Name for messages and results, such as ``'CUHK-SYSU TestG100'``.
        image_keys: I image names.
        image_cameras: (I,) int64 camera of each image, -1 unknown.
        gt_boxes: (G, 4) float64 boxes of all persons, image after image.
        gt_person_ids: (G,) int64 official person ids, -1 unlabelled.
        gt_offsets: (I + 1,) int64 where each image's boxes begin.
        query_images: (Q,) int64 image in which each query lives.
        query_boxes: (Q, 4) float64.
        query_person_ids: (Q,) int64.
        gallery_offsets: (Q + 1,) int64, or None when the gallery of every query is
            all images but its own (the PRW policy).
        gallery_images: (M,) int32 gallery images of all queries, or None.
        positive_offsets: (Q + 1,) int64.
        positive_images: (P,) int32 gallery images that show the query person.
        positive_boxes: (P, 4) float64 the person's box in that image.

    Raises:
        ValueError: An array has the wrong shape, an index points outside, or offsets
            do not fit; the message names the protocol and the field.
    """

    name: str
    image_keys: list[str]
    image_cameras: np.ndarray
    gt_boxes: np.ndarray
    gt_person_ids: np.ndarray
    gt_offsets: np.ndarray
    query_images: np.ndarray
    query_boxes: np.ndarray
    query_person_ids: np.ndarray
    gallery_offsets: np.ndarray | None
    gallery_images: np.ndarray | None
    positive_offsets: np.ndarray
    positive_images: np.ndarray
    positive_boxes: np.ndarray

    def __post_init__(self) -> None:
        for field, dtype in _FIELD_TYPES.items():
            value = getattr(self, field)
            if value is None and field in ("gallery_offsets", "gallery_images"):
                continue
            try:
                array = np.array(value, dtype=dtype)
            except (TypeError, ValueError) as error:
                self._fail(field, f"cannot be read as {np.dtype(dtype)}: {error}")
            if field.endswith("boxes"):
                array = array.reshape(0, 4) if array.size == 0 else array
            array.setflags(write=False)
            object.__setattr__(self, field, array)
        object.__setattr__(self, "image_keys", [str(key) for key in self.image_keys])
        self._validate()

    def __copy__(self) -> SearchProtocol:
        return self

    def __deepcopy__(self, memo: dict) -> SearchProtocol:
        return self

    def __repr__(self) -> str:
        gallery = "all others" if self.gallery_offsets is None else "fixed lists"
        return (
            f"SearchProtocol({self.name!r}, images={self.num_images}, "
            f"queries={self.num_queries}, gallery={gallery})"
        )

    @property
    def num_images(self) -> int:
        return len(self.image_keys)

    @property
    def num_queries(self) -> int:
        return len(self.query_images)

    def gallery_of(self, query: int) -> np.ndarray:
        """(m,) gallery images of a query, in protocol order."""
        if self.gallery_offsets is None:
            images = np.arange(self.num_images, dtype=np.int32)
            return np.delete(images, self.query_images[query])
        begin, end = self.gallery_offsets[query : query + 2]
        return self.gallery_images[begin:end]

    def positives_of(self, query: int) -> tuple[np.ndarray, np.ndarray]:
        """(p,) images that show the query person and (p, 4) its box in each."""
        begin, end = self.positive_offsets[query : query + 2]
        return self.positive_images[begin:end], self.positive_boxes[begin:end]

    def ground_truth_of(self, image: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, 4) boxes and (n,) person ids annotated in an image."""
        begin, end = self.gt_offsets[image : image + 2]
        return self.gt_boxes[begin:end], self.gt_person_ids[begin:end]

    def queries_without_positive(self) -> np.ndarray:
        """(n,) queries whose person appears in no gallery image."""
        return np.flatnonzero(np.diff(self.positive_offsets) == 0)

    def replace(self, **changes) -> SearchProtocol:
        """A new, validated protocol with some fields changed."""
        return dataclasses.replace(self, **changes)

    def _fail(self, field: str, problem: str) -> None:
        raise ValueError(f"SearchProtocol {self.name!r}: {field} {problem}.")

    def _check_length(self, field: str, length: int) -> None:
        found = len(getattr(self, field))
        if found != length:
            self._fail(field, f"has {found} entries, expected {length}")

    def _check_offsets(self, field: str, rows: int, total: int) -> None:
        offsets = getattr(self, field)
        if offsets.shape != (rows + 1,):
            self._fail(field, f"has shape {offsets.shape}, expected ({rows + 1},)")
        if offsets[0] != 0 or offsets[-1] != total or (np.diff(offsets) < 0).any():
            self._fail(field, f"must rise from 0 to {total}, the length of its list")

    def _check_images(self, field: str) -> None:
        images = getattr(self, field)
        if images.size and (images.min() < 0 or images.max() >= self.num_images):
            self._fail(
                field,
                f"names image {images.min()} to {images.max()}, but there are "
                f"{self.num_images} images",
            )

    def _validate(self) -> None:
        for field in _FIELD_TYPES:
            array, axes = getattr(self, field), 2 if field.endswith("boxes") else 1
            if array is None:
                continue
            if array.ndim != axes or (axes == 2 and array.shape[1] != 4):
                expected = "(N, 4)" if axes == 2 else "(N,)"
                self._fail(field, f"has shape {array.shape}, expected {expected}")
            if axes == 2 and not np.isfinite(array).all():
                self._fail(field, "has a coordinate that is not finite")
        if (self.gallery_offsets is None) != (self.gallery_images is None):
            self._fail("gallery_offsets", "and gallery_images must both be given")
        if len(set(self.image_keys)) != self.num_images:
            self._fail("image_keys", "names an image twice")
        self._check_length("image_cameras", self.num_images)
        self._check_length("gt_person_ids", len(self.gt_boxes))
        self._check_offsets("gt_offsets", self.num_images, len(self.gt_boxes))
        self._check_length("query_boxes", self.num_queries)
        self._check_length("query_person_ids", self.num_queries)
        self._check_length("positive_boxes", len(self.positive_images))
        self._check_offsets(
            "positive_offsets", self.num_queries, len(self.positive_images)
        )
        if self.gallery_offsets is not None:
            self._check_offsets(
                "gallery_offsets", self.num_queries, len(self.gallery_images)
            )
            self._check_images("gallery_images")
        self._check_images("query_images")
        self._check_images("positive_images")


_FIELD_TYPES = dict(
    image_cameras=np.int64,
    gt_boxes=np.float64,
    gt_person_ids=np.int64,
    gt_offsets=np.int64,
    query_images=np.int64,
    query_boxes=np.float64,
    query_person_ids=np.int64,
    gallery_offsets=np.int64,
    gallery_images=np.int32,
    positive_offsets=np.int64,
    positive_images=np.int32,
    positive_boxes=np.float64,
)


def offsets_from_lengths(lengths: Sequence[int] | np.ndarray) -> np.ndarray:
    """(N + 1,) int64 offsets of N lists stored one after the other."""
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, dtype=np.int64))]).astype(
        np.int64
    )


def positives_from_ground_truth(
    gt_boxes: np.ndarray,
    gt_person_ids: np.ndarray,
    gt_offsets: np.ndarray,
    query_images: np.ndarray,
    query_person_ids: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each query person appears, read off the annotations.

    The query's own image does not count. Where an id is annotated twice in an
    image, the first box counts.

    Args:
        gt_boxes: (G, 4) boxes.
        gt_person_ids: (G,) ids, -1 unlabelled.
        gt_offsets: (I + 1,) where each image's boxes begin.
        query_images: (Q,) image of each query.
        query_person_ids: (Q,) id of each query.

    Returns:
        ``positive_offsets`` (Q + 1,), ``positive_images`` (P,) int32 in rising order
        per query, ``positive_boxes`` (P, 4) float64.
    """
    gt_boxes = np.asarray(gt_boxes, dtype=np.float64).reshape(-1, 4)
    image_of_box = np.repeat(np.arange(len(gt_offsets) - 1), np.diff(gt_offsets))
    boxes_of_id: dict[int, list[int]] = {}
    for box, person in enumerate(np.asarray(gt_person_ids).tolist()):
        if person >= 0:
            boxes_of_id.setdefault(person, []).append(box)
    chosen: list[list[int]] = []
    for own_image, person in zip(query_images, query_person_ids, strict=True):
        first: dict[int, int] = {}
        for box in boxes_of_id.get(int(person), []):
            if image_of_box[box] != own_image:
                first.setdefault(int(image_of_box[box]), box)
        chosen.append([first[image] for image in sorted(first)])
    flat = np.array([box for boxes in chosen for box in boxes], dtype=np.int64)
    offsets = offsets_from_lengths([len(boxes) for boxes in chosen])
    return offsets, image_of_box[flat].astype(np.int32), gt_boxes[flat]

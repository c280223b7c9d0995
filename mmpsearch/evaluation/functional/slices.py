"""Results of parts of a test set: by height, by camera pair, by any label."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from mmpsearch.evaluation.functional.gallery import (
    ListedGallery,
    Positives,
    WholeGallery,
)
from mmpsearch.evaluation.functional.query_results import QueryResults

HEIGHTS = (50, 100, 150, 200, 300)


class GalleryOfCamera:
    """A gallery policy, of which only the images of one camera are searched.

    Args:
        gallery: the whole policy.
        image_cameras: (I,) camera of each image.
        camera: whose images are kept.
    """

    def __init__(
        self,
        gallery: ListedGallery | WholeGallery,
        image_cameras: np.ndarray,
        camera: int,
    ) -> None:
        self.num_images = len(image_cameras)
        self._gallery = gallery
        self._kept = np.asarray(image_cameras) == camera
        whole = gallery.positives
        queries = np.repeat(np.arange(len(whole.offsets) - 1), np.diff(whole.offsets))
        kept = self._kept[whole.images]
        self.positives = Positives.from_pairs(
            queries[kept], whole.images[kept], whole.boxes[kept], len(whole.offsets) - 1
        )

    def counts(self, start: int, stop: int) -> np.ndarray:
        """(stop - start, I) int: times each image is listed for these queries."""
        return self._gallery.counts(start, stop) * self._kept

    @property
    def mean_size(self) -> float:
        """Mean number of gallery images per query, were cameras evenly listed."""
        return self._gallery.mean_size * float(self._kept.mean())


def height_labels(boxes: np.ndarray, edges: Sequence[int] = HEIGHTS) -> list[str]:
    """For each box between which heights it is, such as ``"50-99 px"``.

    Args:
        boxes: (N, 4) xyxy in pixels.
        edges: ascending heights; a box of exactly that height is in the upper part.
    """
    bounds = [0, *edges]
    names = [f"{low}-{high - 1} px" for low, high in zip(bounds, edges, strict=False)]
    names.append(f"{edges[-1]}+ px")
    heights = np.asarray(boxes)[:, 3] - np.asarray(boxes)[:, 1]
    return [names[part] for part in np.digitize(heights, edges)]


def slice_row(results: QueryResults) -> dict[str, float]:
    """Numbers of some queries; those whose person is in no gallery image left out.

    Returns:
        ``queries``; ``mAP`` and ``top1``; ``missed``, the share of gallery images with
        the person in which nobody was detected there; ``error``, the standard error
        of ``top1``, which says how far chance moves it. NaN without queries.
    """
    valid = results.select(results.expected > 0)
    count = len(valid.ap)
    if not count:
        nothing = float("nan")
        return dict(queries=0, mAP=nothing, top1=nothing, missed=nothing, error=nothing)
    top1 = float((valid.rank == 1).mean())
    return dict(
        queries=count,
        mAP=float(valid.ap.mean()),
        top1=top1,
        missed=float(1 - valid.found.sum() / valid.expected.sum()),
        error=float(np.sqrt(top1 * (1 - top1) / count)),
    )


def slice_rows(
    results: QueryResults, labels: Iterable[str]
) -> dict[str, dict[str, float]]:
    """:func:`slice_row` of the queries of each label, numbers in labels in order.

    Labels none of whose queries can be answered are left out.

    Args:
        results: of all queries.
        labels: (Q,) one for each query; an empty one takes no part.
    """
    labels = np.asarray(list(labels), dtype=str)
    answerable = (labels != "") & (results.expected > 0)
    return {
        label: slice_row(results.select(labels == label))
        for label in sorted(map(str, np.unique(labels[answerable])), key=_numbers_too)
    }


def _numbers_too(label: str) -> list[str | int]:
    parts = re.split(r"(\d+)", label)
    return [int(part) if part.isdecimal() else part for part in parts]

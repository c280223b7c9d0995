"""Detections that may count as finding a query's person."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmpsearch.evaluation.functional.gallery import ListedGallery, WholeGallery
from mmpsearch.evaluation.functional.matching import paired_iou, relaxed_iou_threshold
from mmpsearch.evaluation.functional.ragged import expand_ranges

# (P,) queries, (P,) images -> (P,) first detection, (P,) number of detections
Locate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Candidates:
    """Detections overlapping the query's person enough, for a block of queries.

    Attributes:
        expected: (B,) number of gallery images that show each query's person; an
            image listed twice counts twice.
        bounds: (B + 1,) ranges per query of the two arrays below.
        pairs: (C,) ascending number of the (query, gallery image) pair.
        detections: (C,) detection index.
    """

    expected: np.ndarray
    bounds: np.ndarray
    pairs: np.ndarray
    detections: np.ndarray

    def of(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Detections of a query and the first position of each of its pairs."""
        part = slice(self.bounds[row], self.bounds[row + 1])
        starts = np.flatnonzero(np.diff(self.pairs[part], prepend=-1))
        return self.detections[part], starts


def find_candidates(
    gallery: ListedGallery | WholeGallery,
    counts: np.ndarray,
    boxes: np.ndarray,
    locate: Locate,
    start: int,
    stop: int,
) -> Candidates:
    """Candidates of the queries ``start:stop``.

    Args:
        gallery: Gallery policy.
        counts: (stop - start, I) its counts for these queries.
        boxes: (N, 4) xyxy of all detections, original pixels.
        locate: Where the detections of (query, image) pairs are.
        start: First query.
        stop: One past the last query.
    """
    positives = gallery.positives
    offsets = positives.offsets[start : stop + 1]
    rows = np.repeat(np.arange(stop - start), np.diff(offsets))
    images = positives.images[offsets[0] : offsets[-1]]
    people = positives.boxes[offsets[0] : offsets[-1]]
    times = counts[rows, images]
    expected = np.bincount(rows, weights=times, minlength=stop - start)
    listed = times > 0
    rows, images, people = rows[listed], images[listed], people[listed]
    detections, pairs = expand_ranges(*locate(rows + start, images))
    overlap = paired_iou(boxes[detections], people[pairs])
    enough = overlap >= relaxed_iou_threshold(people)[pairs]
    pairs, detections = pairs[enough], detections[enough]
    bounds = np.searchsorted(rows[pairs], np.arange(stop - start + 1))
    return Candidates(expected.astype(np.int64), bounds, pairs, detections)

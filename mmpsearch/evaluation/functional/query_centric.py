"""Evaluation of detectors that look for one query at a time (SPNet's QC mode).

Such a detector gives every (query, image) pair detections of its own, so there is
no common set of boxes to rank. Numbers mean the same as in :mod:`.person_search`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mmpsearch.evaluation.functional.candidates import find_candidates
from mmpsearch.evaluation.functional.detection import pooled_metrics
from mmpsearch.evaluation.functional.gallery import (
    Cameras,
    ListedGallery,
    WholeGallery,
    appearances,
    default_gallery,
    listed_pairs,
)
from mmpsearch.evaluation.functional.matching import MatchRule, match_boxes
from mmpsearch.evaluation.functional.query_results import QueryResults, Unmatched
from mmpsearch.evaluation.functional.ragged import (
    expand_ranges,
    first_of_each,
    offsets_from_counts,
)
from mmpsearch.evaluation.functional.ranking import count_at_least

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol

BLOCK = 256  # queries whose gallery counts are held at a time


@dataclass(frozen=True)
class PairDetections:
    """Detections of (query, image) pairs, in any order.

    Embeddings would not fit in memory (PRW has 12.6 million pairs), therefore the
    similarity with the query is kept in their place.

    Attributes:
        queries: (N,) int64 query index of every detection.
        images: (N,) int64 image index.
        boxes: (N, 4) xyxy in pixels of the original image.
        scores: (N,) confidence that the box is this query's person, in [0, 1].
        similarities: (N,) similarity of the box's and the query's embedding.
    """

    queries: np.ndarray
    images: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    similarities: np.ndarray

    def select(self, rows: np.ndarray) -> "PairDetections":
        """Some of the detections (mask or indices)."""
        return PairDetections(
            self.queries[rows],
            self.images[rows],
            self.boxes[rows],
            self.scores[rows],
            self.similarities[rows],
        )

    def above(self, score_threshold: float) -> "PairDetections":
        """Detections with ``score >= score_threshold``, by query and image."""
        threshold = np.asarray(score_threshold, dtype=self.scores.dtype)
        rows = np.flatnonzero(self.scores >= threshold)
        order = np.lexsort((self.images[rows], self.queries[rows]))
        return self.select(rows[order])

    @cached_property
    def _keys(self) -> np.ndarray:
        return self.queries.astype(np.int64) << 32 | self.images.astype(np.int64)

    def locate(
        self, queries: np.ndarray, images: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Start and number of the detections of (P,) pairs; sorted order needed."""
        keys = queries.astype(np.int64) << 32 | images.astype(np.int64)
        left = np.searchsorted(self._keys, keys, side="left")
        return left, np.searchsorted(self._keys, keys, side="right") - left


def query_centric_search_metrics(
    protocol: "SearchProtocol",
    detections: PairDetections,
    *,
    score_threshold: float = 0.5,
    gallery: ListedGallery | WholeGallery | None = None,
    cameras: Cameras = "all",
    confidence_weighted: bool = False,
    topk: Sequence[int] = (1, 5, 10),
    unmatched: Unmatched = "zero",
) -> dict[str, Any]:
    """:func:`person_search_metrics` for detections made per query and image.

    Args:
        protocol: Images, ground truth, queries and galleries.
        detections: Detections of the pairs; those of images outside a query's
            gallery are ignored.
        score_threshold: Detections below it are ignored.
        gallery: Gallery policy; by default the protocol's own.
        cameras: For the whole gallery: ``"all"``, ``"cross"`` or ``"same"``.
        confidence_weighted: Multiply similarities by the detection score.
        topk: Which top-k accuracies to compute.
        unmatched: Count queries without match as 0 or skip them.

    Returns:
        As :func:`person_search_metrics`.
    """
    detections = detections.above(score_threshold)
    gallery = gallery or default_gallery(protocol, cameras)
    num_queries = len(protocol.query_images)
    similarities = detections.similarities
    if confidence_weighted:
        similarities = similarities * detections.scores
    results = QueryResults.empty(num_queries)
    bounds = np.searchsorted(detections.queries, np.arange(num_queries + 1))
    for start in range(0, num_queries, BLOCK):
        stop = min(start + BLOCK, num_queries)
        counts = gallery.counts(start, stop)
        candidates = find_candidates(
            gallery, counts, detections.boxes, detections.locate, start, stop
        )
        for row, query in enumerate(range(start, stop)):
            correct, first_of_pair = candidates.of(row)
            best = np.zeros(0, similarities.dtype)
            if len(correct):
                best = np.maximum.reduceat(similarities[correct], first_of_pair)
            part = slice(bounds[query], bounds[query + 1])
            listed = (counts[row] > 0)[detections.images[part]]
            at_least = count_at_least(similarities[part][listed], best)
            results.record(query, at_least, int(candidates.expected[row]))
    return {
        **results.summary(topk, unmatched),
        "num_queries": num_queries,
        "num_unmatched": int(np.sum(results.expected == 0)),
        "per_query": results,
    }


def query_centric_detection_metrics(
    protocol: "SearchProtocol",
    detections: PairDetections,
    *,
    score_threshold: float = 0.5,
    iou_threshold: float = 0.5,
    rule: MatchRule = "one_to_one",
) -> dict[str, Any]:
    """Recall and AP of finding the query's person in the images that show it.

    As the public SPNet evaluator does, only pairs of a query and a searched image that
    shows its person enter; a detection is correct when it matches the person's box.
    Searched are the protocol's lists; without lists every image, the query's own
    included.

    Args:
        protocol: Images, ground truth and queries.
        detections: Detections of the pairs.
        score_threshold: Detections below it are ignored.
        iou_threshold: Lowest overlap of a match.
        rule: How equal overlaps are treated, see :func:`match_boxes`.

    Returns:
        As :func:`detection_metrics`; ``num_gt`` counts a box once per query.
    """
    detections = detections.above(score_threshold)
    queries, images, boxes = appearances(protocol)
    if protocol.gallery_offsets is not None:
        listed = np.isin(queries << 32 | images, listed_pairs(protocol))
        queries, images, boxes = queries[listed], images[listed], boxes[listed]
    first = first_of_each(queries << 32 | images)
    pair = np.cumsum(first) - 1
    starts, counts = detections.locate(queries[first], images[first])
    rows, _ = expand_ranges(starts, counts)
    matches = match_boxes(
        detections.boxes[rows],
        offsets_from_counts(counts),
        np.asarray(protocol.gt_boxes)[boxes],
        offsets_from_counts(np.bincount(pair, minlength=int(first.sum()))),
        iou_threshold,
        rule,
    )
    return pooled_metrics(detections.scores[rows], matches, len(boxes))

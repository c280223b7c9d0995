"""What the queries of a person search find, one by one, to be looked at."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.gallery import (
    ListedGallery,
    WholeGallery,
    default_gallery,
)
from mmpsearch.evaluation.functional.matching import (
    paired_iou,
    relaxed_iou_threshold,
)

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol


class Ranked(NamedTuple):
    """A query's K most similar detections, the first one first.

    Attributes:
        detections: (K,) int64 positions among the detections.
        images: (K,) int64 their images.
        similarities: (K,) float64.
        correct: (K,) bool, as the evaluation counts them: of the detections that
            overlap the person enough in an image the most similar one.
        total: detections in the query's gallery.
    """

    detections: np.ndarray
    images: np.ndarray
    similarities: np.ndarray
    correct: np.ndarray
    total: int


class SearchRanking:
    """Ranks a test's detections for its queries, in the protocol's galleries.

    Args:
        protocol: Of the test set.
        found: Detections of all its images, with embeddings.
        queries: (Q, D) embeddings in the protocol's order.
        score_threshold: Smallest score of a detection.
        confidence_weighted: Multiply similarities by scores.
        gallery: What is searched; None: the protocol's own.
    """

    def __init__(
        self,
        protocol: "SearchProtocol",
        found: Detections,
        queries: np.ndarray,
        score_threshold: float = 0.5,
        confidence_weighted: bool = False,
        gallery: ListedGallery | WholeGallery | None = None,
    ) -> None:
        self.boxes, self.scores = found.boxes, found.scores
        self.images = np.repeat(np.arange(protocol.num_images), np.diff(found.offsets))
        self.gallery = gallery or default_gallery(protocol)
        self._queries, self._embeddings = _unit(queries), _unit(found.embeddings)
        self._score, self._weighted = score_threshold, confidence_weighted

    def best(self, query: int, number: int) -> Ranked:
        """The ``number`` most similar detections, or as many as there are."""
        listed = self.gallery.counts(query, query + 1)[0] > 0
        members = np.flatnonzero(listed[self.images] & (self.scores >= self._score))
        values = self._embeddings[members] @ self._queries[query]
        if self._weighted:
            values = values * self.scores[members]
        order = np.argsort(-values, kind="stable")[:number]
        chosen = members[order]
        images = self.images[chosen]
        return Ranked(
            chosen,
            images,
            values[order],
            self._correct(query, chosen, images),
            len(members),
        )

    def _correct(
        self, query: int, chosen: np.ndarray, images: np.ndarray
    ) -> np.ndarray:
        people, right = self.gallery.positives, np.zeros(len(chosen), dtype=bool)
        part = slice(*people.offsets[query : query + 2])
        for image, box in zip(people.images[part], people.boxes[part], strict=True):
            places = np.flatnonzero(images == image)
            overlaps = paired_iou(self.boxes[chosen[places]], box[None])
            enough = overlaps >= relaxed_iou_threshold(box[None])
            right[places[enough][:1]] = True
        return right


def _unit(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(np.float64)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

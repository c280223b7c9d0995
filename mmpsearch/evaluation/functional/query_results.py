"""Results of person search per query, and the numbers drawn from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mmpsearch.evaluation.functional.ranking import best_rank, positive_precisions

Unmatched = Literal["zero", "skip"]


@dataclass(frozen=True)
class QueryResults:
    """One entry per query.

    Attributes:
        ap: (Q,) float64 average precision, missed people included.
        rank: (Q,) int64 rank (from 1) of the first correct detection, 0 if none.
        found: (Q,) int64 gallery images in which the person was detected.
        expected: (Q,) int64 gallery images in which the person is.
    """

    ap: np.ndarray
    rank: np.ndarray
    found: np.ndarray
    expected: np.ndarray

    @classmethod
    def empty(cls, count: int) -> "QueryResults":
        """All zero, to be filled in by :meth:`record`."""
        return cls(
            np.zeros(count), *(np.zeros(count, dtype=np.int64) for _ in range(3))
        )

    def record(self, query: int, at_least: np.ndarray, expected: int) -> None:
        """Write a query's results.

        Args:
            query: Its index.
            at_least: (P,) for each correct detection the number of detections in
                the gallery with at least its similarity, itself included.
            expected: Number of gallery images in which the person is.
        """
        self.expected[query] = expected
        self.found[query] = len(at_least)
        self.rank[query] = best_rank(at_least)
        if expected:
            self.ap[query] = positive_precisions(at_least).sum() / expected

    def summary(
        self, topk: Sequence[int] = (1, 5, 10), unmatched: Unmatched = "zero"
    ) -> dict[str, float]:
        """Mean average precision and top-k accuracies over the queries.

        Args:
            topk: For each k, ``top<k>`` is the share of queries with a correct
                detection among the first k.
            unmatched: Queries whose person is in no gallery image count as 0
                (``"zero"``, as in the public evaluators) or are left out
                (``"skip"``).
        """
        if unmatched not in ("zero", "skip"):
            raise ValueError(f"unmatched must be 'zero' or 'skip', got {unmatched!r}")
        use = self.expected > 0 if unmatched == "skip" else slice(None)
        ap, rank = self.ap[use], self.rank[use]
        if len(ap) == 0:
            return {"mAP": 0.0, **{f"top{k}": 0.0 for k in topk}}
        hits = {f"top{k}": float(np.mean((rank > 0) & (rank <= k))) for k in topk}
        return {"mAP": float(ap.mean()), **hits}

    def select(self, queries: np.ndarray) -> "QueryResults":
        """The results of some queries (mask or indices)."""
        return QueryResults(
            self.ap[queries],
            self.rank[queries],
            self.found[queries],
            self.expected[queries],
        )


def per_camera_summary(
    results: QueryResults,
    query_cameras: np.ndarray,
    topk: Sequence[int] = (1, 5, 10),
    unmatched: Unmatched = "zero",
) -> dict[int, dict[str, float]]:
    """:meth:`QueryResults.summary` of the queries seen by each camera.

    Args:
        results: Results of all queries.
        query_cameras: (Q,) camera of each query's image.
    """
    query_cameras = np.asarray(query_cameras)
    return {
        int(camera): results.select(query_cameras == camera).summary(topk, unmatched)
        for camera in np.unique(query_cameras)
    }

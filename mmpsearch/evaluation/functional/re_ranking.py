"""Re-ranking with k-reciprocal encoding (Zhong et al., CVPR 2017).

Every image is described by a sparse vector over its reciprocal neighbours, and the
Jaccard distance of these vectors is mixed with the original distance. Both forms here
share one computation on neighbour lists: :func:`re_ranking` takes three matrices,
:func:`re_ranking_from_embeddings` embeddings, and neither builds a matrix of all
images against all.

As in the authors' code: distances are squared, each image's are divided by its
largest, a neighbour's own reciprocal list has half the length (rounded half to even),
it is merged when more than two thirds of it are shared, and the final distance mixes
in the *normalised* original one.
"""

from typing import Any

import numpy as np

from mmpsearch.evaluation.functional.distance_rows import (
    BLOCK_BYTES,
    DistanceRows,
    Metric,
    smallest_per_row,
)
from mmpsearch.evaluation.functional.joint_distances import (
    JointEmbeddings,
    JointMatrices,
)
from mmpsearch.evaluation.functional.k_reciprocal import (
    k_reciprocal_encoding,
    shared_weight,
)


def re_ranking(
    query_gallery: Any,
    query_query: Any,
    gallery_gallery: Any,
    k1: int = 20,
    k2: int = 6,
    lambda_value: float = 0.3,
) -> np.ndarray:
    """Re-ranked query-gallery distances from three distance matrices.

    Args:
        query_gallery: ``(Q, G)`` **plain** Euclidean distances; they are squared here,
            and squaring them before gives a fourth power.
        query_query: ``(Q, Q)``, symmetric.
        gallery_gallery: ``(G, G)``, symmetric.
        k1: length of the neighbour lists.
        k2: neighbours whose encodings are averaged; 1 averages nothing.
        lambda_value: weight of the original distance in [0, 1]; at 1 each query's
            order is the original one.

    Returns:
        ``(Q, G)`` float32. Compare within a query only: rows are normalised.

    Raises:
        ValueError: shapes that do not fit together, NaN or negative distances,
            parameters out of range.
    """
    source = JointMatrices(query_gallery, query_query, gallery_gallery)
    return ReRankedRows(source, k1, k2, lambda_value).toarray()


def re_ranking_from_embeddings(
    query_embeddings: Any,
    gallery_embeddings: Any,
    k1: int = 20,
    k2: int = 6,
    lambda_value: float = 0.3,
    metric: Metric = "cosine",
) -> "ReRankedRows":
    """Re-ranking for large sets: equal to :func:`re_ranking`, computed in blocks.

    Neighbours are exact. Memory is a few copies of the embeddings, the encodings
    (about ``k1 * k2`` numbers per image) and 128 MiB blocks of distances.

    Args:
        query_embeddings: ``(Q, D)``.
        gallery_embeddings: ``(G, D)``.
        k1, k2, lambda_value: as in :func:`re_ranking`.
        metric: ``cosine`` works on the Euclidean distances of L2-normalised copies,
            ``euclidean`` on those of the embeddings as they are.

    Returns:
        Rows of the re-ranked distances on demand: hand them to ``rank_metrics``, or
        call ``toarray()`` for the ``(Q, G)`` matrix.
    """
    source = JointEmbeddings(query_embeddings, gallery_embeddings, metric)
    return ReRankedRows(source, k1, k2, lambda_value)


class ReRankedRows(DistanceRows):
    """Re-ranked distances, ``(1 - lambda) Jaccard + lambda original``, row by row.

    Attributes:
        encoding: ``(Q + G, Q + G)`` sparse float32, a k-reciprocal vector per image.
    """

    def __init__(
        self,
        source: JointMatrices | JointEmbeddings,
        k1: int,
        k2: int,
        lambda_value: float,
    ) -> None:
        if k1 < 1 or k2 < 1 or not 0 <= lambda_value <= 1:
            raise ValueError(
                "re-ranking needs k1 >= 1, k2 >= 1 and lambda_value in [0, 1], got "
                f"{k1=}, {k2=}, {lambda_value=}"
            )
        self.shape = (source.num_query, source.num_images - source.num_query)
        self._source = source
        self._lambda = lambda_value
        neighbours, self._largest = _neighbour_lists(source, max(k1 + 1, k2))

        def distance(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
            return source.pairs(rows, columns) / self._largest[rows]

        self.encoding = k_reciprocal_encoding(neighbours, distance, k1, k2)
        # Columns of the gallery's encodings: which images share a given neighbour.
        self._inverted = self.encoding[source.num_query :].tocsc()

    def rows(self, start: int, stop: int) -> np.ndarray:
        original = self._source.squared_rows(start, stop)[:, self._source.num_query :]
        original = original / self._largest[start:stop, None]
        jaccard = np.stack([self._jaccard(query) for query in range(start, stop)])
        return jaccard * (1 - self._lambda) + original * self._lambda

    def _jaccard(self, query: int) -> np.ndarray:
        """Jaccard distance of one query to the gallery, ``(G,)`` float32."""
        shared = shared_weight(self.encoding, self._inverted, query)
        return (1 - shared / (2 - shared)).astype(np.float32)


def _neighbour_lists(
    source: JointMatrices | JointEmbeddings, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Nearest ``k`` images of every image, and its largest squared distance.

    Returns:
        ``(N, min(k, N))`` int32, nearest first, ties by index; and ``(N,)`` float32,
        with 1 in place of 0.
    """
    total = source.num_images
    neighbours = np.empty((total, min(k, total)), np.int32)
    largest = np.empty(total, np.float32)
    step = max(1, BLOCK_BYTES // (4 * total))
    for start in range(0, total, step):
        block = source.squared_rows(start, min(start + step, total))
        part = slice(start, start + len(block))
        neighbours[part] = smallest_per_row(block, neighbours.shape[1])[0]
        largest[part] = block.max(axis=1)
    largest[largest == 0] = 1
    return neighbours, largest

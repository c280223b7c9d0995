"""Similarities of queries and detections: fast in blocks, exact where asked."""

import numpy as np

from mmpsearch.evaluation.functional.detections import Detections


class Similarities:
    """Similarities of Q query embeddings with N detections.

    Float32 products of a matrix multiplication depend in their last digits on the
    BLAS library, on the block and on the row. Rankings should not, so a value can
    also be had exactly (:meth:`exact`: float64 products of the float32 embeddings);
    :meth:`tolerance` bounds the difference.

    Args:
        queries: (Q, D) embeddings of the query boxes.
        detections: Detections with embeddings.
        normalize: Cosine similarity; else the plain dot product.
        confidence_weighted: Multiply every similarity by the detection's score
            (confidence-weighted similarity of NAE, Chen et al. 2020).
        scene_scores: (Q, images), multiplied with the similarities of all detections
            in an image (gallery filter network, Jaffe and Zakhor 2023).
    """

    def __init__(
        self,
        queries: np.ndarray,
        detections: Detections,
        normalize: bool = True,
        confidence_weighted: bool = False,
        scene_scores: np.ndarray | None = None,
    ) -> None:
        if detections.embeddings is None:
            raise ValueError("detections have no embeddings to search with")
        self.queries = np.asarray(queries, dtype=np.float32)
        self.embeddings = np.asarray(detections.embeddings, dtype=np.float32)
        if len(self.embeddings) == 0:
            self.embeddings = np.zeros((0, self.queries.shape[1]), np.float32)
        if self.queries.shape[1] != self.embeddings.shape[1]:
            raise ValueError(
                f"query embeddings have {self.queries.shape[1]} dimensions, those of "
                f"detections {self.embeddings.shape[1]}"
            )
        self.normalize = normalize
        query_norms = row_norms(self.queries, "query")
        norms = row_norms(self.embeddings, "detection")
        self.query_weights = (
            reciprocal(query_norms) if normalize else 1 + 0 * query_norms
        )
        self.weights = reciprocal(norms) if normalize else np.ones(len(norms))
        if confidence_weighted:
            self.weights = self.weights * detections.scores.astype(np.float64)
        self.scene_scores, self._images = scene_scores, None
        if scene_scores is not None:
            if scene_scores.shape != (len(self.queries), detections.num_images):
                raise ValueError(
                    f"scene scores of shape {scene_scores.shape} do not belong to "
                    f"{len(self.queries)} queries and {detections.num_images} images"
                )
            self._images = detections.images
        self._query_lengths = query_norms * self.query_weights
        self._longest = float(np.max(norms * np.abs(self.weights), initial=0.0))

    def block(self, start: int, stop: int) -> np.ndarray:
        """(stop - start, N) float32 similarities of some queries with everything."""
        products = self._weighted(start, stop) @ self.embeddings.T
        products *= self.weights.astype(np.float32)
        if self.scene_scores is not None:
            products *= self.scene_scores[start:stop][:, self._images]
        return products

    def row(self, query: int, detections: np.ndarray) -> np.ndarray:
        """(K,) float32 similarities of one query with some detections."""
        products = _row_products(
            self.embeddings[detections], self._weighted(query, query + 1)[0]
        )
        products = products * self.weights[detections].astype(np.float32)
        return products * self._of_scenes(query, detections, np.float32)

    def exact(self, query: int, detections: np.ndarray) -> np.ndarray:
        """(K,) float64 similarities of one query with some detections."""
        products = _row_products(
            self.embeddings[detections].astype(np.float64),
            self.queries[query].astype(np.float64),
        )
        products = products * self.weights[detections] * self.query_weights[query]
        return products * self._of_scenes(query, detections, np.float64)

    def _of_scenes(
        self, query: int, detections: np.ndarray, dtype: type
    ) -> np.ndarray | float:
        """(K,) scene scores of some detections; 1 without."""
        if self.scene_scores is None:
            return 1.0
        return self.scene_scores[query, self._images[detections]].astype(dtype)

    def with_people(self, people: np.ndarray, detections: np.ndarray) -> np.ndarray:
        """(A, K) float64 similarities of other people with some detections.

        Args:
            people: (A, D) embeddings, weighted like the queries.
            detections: (K,) indices.
        """
        rows = self.embeddings[detections].astype(np.float64)
        products = people.astype(np.float64) @ rows.T * self.weights[detections]
        if self.normalize:
            products *= reciprocal(row_norms(people, "context"))[:, None]
        return products

    def tolerance(self, query: int) -> float:
        """Bound of ``|block - exact|`` for a query.

        Rounding errors of a dot product of D terms grow like sqrt(D) units of
        rounding; four times that has never been reached (see the tests).
        """
        growth = 4 * np.sqrt(self.queries.shape[1] + 16)
        rounding = np.finfo(np.float32).eps / 2
        return float(growth * rounding * self._query_lengths[query] * self._longest)

    def _weighted(self, start: int, stop: int) -> np.ndarray:
        weights = self.query_weights[start:stop, None].astype(np.float32)
        return self.queries[start:stop] * weights


def _row_products(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """(K, D) times (D,) in one thread: BLAS would start threads for each query,
    which costs more than the product, on a busy machine twenty times more."""
    return np.einsum("kd,d->k", rows, vector)


def row_norms(rows: np.ndarray, what: str) -> np.ndarray:
    """(N,) float64 Euclidean norms; an error names the first non-finite row."""
    norms = np.empty(len(rows))
    for start in range(0, len(rows), 4096):  # float64 copies of small blocks only
        part = rows[start : start + 4096].astype(np.float64)
        norms[start : start + 4096] = np.sqrt(np.einsum("nd,nd->n", part, part))
    if not np.isfinite(norms).all():
        row = int(np.flatnonzero(~np.isfinite(norms))[0])
        raise ValueError(
            f"{what} embedding {row} holds NaN or infinity: the model diverged, or "
            f"half precision overflowed"
        )
    return norms


def reciprocal(norms: np.ndarray) -> np.ndarray:
    """1 / norm, and 0 for embeddings of length 0 (their similarity is 0)."""
    return np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)

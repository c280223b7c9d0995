"""Squared distances among queries and gallery taken together, for re-ranking.

Images are numbered queries first, then gallery. Two sources offer the same three
things: ``num_query`` and ``num_images``, ``squared_rows(start, stop)``, and
``pairs(rows, columns)``.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from mmpsearch.evaluation.functional.distance_rows import (
    BLOCK_BYTES,
    EmbeddingRows,
    Metric,
    as_array,
    as_embeddings,
)


class JointMatrices:
    """Squared distances among queries and gallery together, from three matrices.

    Row ``i`` holds what the authors' code keeps in column ``i``.
    """

    def __init__(
        self, query_gallery: Any, query_query: Any, gallery_gallery: Any
    ) -> None:
        self._qg, self._qq, self._gg = (
            as_array(m) for m in (query_gallery, query_query, gallery_gallery)
        )
        if self._qg.ndim != 2 or not all(self._qg.shape):
            raise ValueError(
                "query_gallery must be a (Q, G) matrix that is not empty, got shape "
                f"{self._qg.shape}"
            )
        for name, matrix, size in (
            ("query_query", self._qq, self._qg.shape[0]),
            ("gallery_gallery", self._gg, self._qg.shape[1]),
        ):
            if matrix.shape != (size, size):
                raise ValueError(
                    f"{name} has shape {matrix.shape}, expected {(size, size)} to fit "
                    f"query_gallery of shape {self._qg.shape}"
                )
        for name, matrix in (
            ("query_gallery", self._qg),
            ("query_query", self._qq),
            ("gallery_gallery", self._gg),
        ):
            if not matrix.min() >= 0:  # also false for NaN
                raise ValueError(
                    f"{name} holds negative or NaN values; re-ranking takes Euclidean "
                    "distances, not similarities"
                )
        self.num_query = self._qg.shape[0]
        self.num_images = sum(self._qg.shape)

    def squared_rows(self, start: int, stop: int) -> np.ndarray:
        """``(stop - start, N)`` float32."""
        last = self.num_query
        query = slice(min(start, last), min(stop, last))
        gallery = slice(max(start - last, 0), max(stop - last, 0))
        rows = np.vstack(
            [
                np.hstack([self._qq[:, query].T, self._qg[query]]),
                np.hstack([self._qg[:, gallery].T, self._gg[:, gallery].T]),
            ]
        )
        return np.square(rows).astype(np.float32)

    def pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Squared distances of image ``rows[i]`` to ``columns[i]``, float32."""
        found = np.empty(len(rows), np.result_type(self._qg, self._qq, self._gg))
        last = self.num_query
        for matrix, mask, i, j in (
            (self._qq, (rows < last) & (columns < last), columns, rows),
            (self._qg, (rows < last) & (columns >= last), rows, columns - last),
            (self._qg, (rows >= last) & (columns < last), columns, rows - last),
            (self._gg, (rows >= last) & (columns >= last), columns - last, rows - last),
        ):
            found[mask] = matrix[i[mask], j[mask]]
        return np.square(found).astype(np.float32)


class JointEmbeddings:
    """Squared distances among queries and gallery together, from embeddings."""

    def __init__(
        self, query_embeddings: Any, gallery_embeddings: Any, metric: Metric
    ) -> None:
        if metric not in ("cosine", "euclidean"):
            raise ValueError(f"metric must be 'cosine' or 'euclidean', got {metric!r}")
        query = as_embeddings(query_embeddings, "query_embeddings").float()
        gallery = as_embeddings(gallery_embeddings, "gallery_embeddings").to(query)
        if not len(query) or not len(gallery) or query.shape[1] != gallery.shape[1]:
            raise ValueError(
                "query_embeddings and gallery_embeddings must be (Q, D) and (G, D) "
                f"with Q, G > 0, got {tuple(query.shape)} and {tuple(gallery.shape)}"
            )
        pool = torch.cat([query, gallery])
        if metric == "cosine":
            pool = F.normalize(pool, dim=1)
        self._pool = pool
        self._rows = EmbeddingRows(pool, pool, "squared_euclidean")
        self.num_query, self.num_images = len(query), len(pool)

    def squared_rows(self, start: int, stop: int) -> np.ndarray:
        """``(stop - start, N)`` float32."""
        return self._rows.rows(start, stop)

    def pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Squared distances of image ``rows[i]`` to ``columns[i]``, float32."""
        return squared_pairs(self._pool, rows, columns)


def squared_pairs(
    embeddings: torch.Tensor, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Squared distances of chosen pairs, computed in blocks.

    Args:
        embeddings: ``(N, D)`` float32.
        rows, columns: ``(P,)`` integers, the two images of each pair.

    Returns:
        ``(P,)`` float32.
    """
    found = np.empty(len(rows), np.float32)
    step = max(1, BLOCK_BYTES // (8 * embeddings.shape[1]))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        i, j = (
            torch.from_numpy(x[part]).to(embeddings.device, torch.int64)
            for x in (rows, columns)
        )
        difference = embeddings[i].sub_(embeddings[j])
        found[part] = difference.square_().sum(dim=1).cpu().numpy()
    return found

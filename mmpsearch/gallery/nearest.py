"""Exact search for the most similar rows, with NumPy or with FAISS."""

from __future__ import annotations

import importlib
import warnings
from types import ModuleType

import numpy as np

BLOCK_ROWS = 65536
BACKENDS = ("auto", "exact", "faiss")


def top_rows(
    queries: np.ndarray, vectors: np.ndarray, top_k: int, block: int = BLOCK_ROWS
) -> tuple[np.ndarray, np.ndarray]:
    """The rows with the largest dot products, by matrix products over blocks.

    Args:
        queries: (Q, D) float32.
        vectors: (N, D) float32.
        top_k: Number wanted; K = min(top_k, N) are returned.
        block: Rows of ``vectors`` that are compared at once.

    Returns:
        Rows (Q, K) int64 and similarities (Q, K) float32, the largest first;
        of equal ones the lower row first.
    """
    top_k = min(top_k, len(vectors))
    rows = np.empty((len(queries), 0), np.int64)
    similarities = np.empty((len(queries), 0), np.float32)
    for start in range(0, len(vectors), block):
        new = queries @ vectors[start : start + block].T
        new_rows, new = _best_of_block(new, min(top_k, new.shape[1]))
        rows = np.concatenate([rows, new_rows + start], axis=1)
        similarities = np.concatenate([similarities, new], axis=1)
        rows, similarities = _keep_best(rows, similarities, top_k)
    return rows, similarities


def _best_of_block(
    similarities: np.ndarray, top_k: int
) -> tuple[np.ndarray, np.ndarray]:
    """(Q, B) -> columns and similarities (Q, top_k), ties at the cut by column."""
    kth = np.partition(similarities, -top_k, axis=1)[:, -top_k]
    columns = np.empty((len(similarities), top_k), np.int64)
    for line, values, least in zip(columns, similarities, kth, strict=True):
        candidates = np.flatnonzero(values >= least)
        line[:] = candidates[np.argsort(-values[candidates], kind="stable")][:top_k]
    return columns, np.take_along_axis(similarities, columns, axis=1)


def _keep_best(
    rows: np.ndarray, similarities: np.ndarray, top_k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sort by falling similarity, then rising row; keep the first ``top_k``."""
    order = np.lexsort((rows, -similarities), axis=1)[:, :top_k]
    return (
        np.take_along_axis(rows, order, axis=1),
        np.take_along_axis(similarities, order, axis=1),
    )


def import_faiss() -> ModuleType:
    """Import FAISS, or say which extra brings it."""
    try:
        return importlib.import_module("faiss")
    except ImportError as error:
        raise ImportError(
            f"FAISS cannot be imported ({error}); install it with "
            "pip install 'mmpsearch[index]', or search with backend='exact'"
        ) from error


class NearestRows:
    """Search by one of the backends; a FAISS index is kept while the rows stay.

    Args:
        backend: ``exact`` multiplies matrices block by block, ``faiss`` uses a flat
            FAISS index (exact too, without a (Q, N) matrix), ``auto`` takes FAISS
            from ``faiss_from`` rows on when it is installed.
        faiss_from: Number of rows from which ``auto`` uses FAISS.

    Raises:
        ValueError: An unknown backend.
        ImportError: ``backend="faiss"`` without FAISS; the message names the extra.
    """

    def __init__(self, backend: str, faiss_from: int) -> None:
        if backend not in BACKENDS:
            raise ValueError(f"backend {backend!r} is none of {', '.join(BACKENDS)}")
        if backend == "faiss":
            import_faiss()
        self.backend = backend
        self.faiss_from = faiss_from
        self._index = None
        self._indexed: np.ndarray | None = None

    def search(
        self,
        queries: np.ndarray,
        vectors: np.ndarray,
        top_k: int,
        allowed: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """As ``top_rows``, restricted to the rows where ``allowed`` (N,) is True."""
        if allowed is not None:
            chosen = np.flatnonzero(allowed)
            rows, similarities = top_rows(queries, vectors[chosen], top_k)
            return chosen[rows], similarities
        if not self._use_faiss(len(vectors)):
            return top_rows(queries, vectors, top_k)
        if self._indexed is not vectors:
            self._index = import_faiss().IndexFlatIP(vectors.shape[1])
            self._index.add(np.ascontiguousarray(vectors))
            self._indexed = vectors
        similarities, rows = self._index.search(
            np.ascontiguousarray(queries), min(top_k, len(vectors))
        )
        return _keep_best(rows, similarities, top_k)

    def _use_faiss(self, rows: int) -> bool:
        if rows == 0 or self.backend == "exact":
            return False
        if self.backend == "auto":
            if rows < self.faiss_from:
                return False
            try:
                import_faiss()
            except ImportError as error:
                warnings.warn(f"{error}. Searching without it.", stacklevel=4)
                self.backend = "exact"
                return False
        return True

    def search_one_per_group(
        self,
        queries: np.ndarray,
        vectors: np.ndarray,
        top_k: int,
        groups: np.ndarray,
        allowed: np.ndarray | None = None,
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """As ``search``, keeping the best row of each group.

        Args:
            groups: (N,) int64, the group of each row.

        Returns:
            Rows and similarities per query, each of length ``top_k`` or the number
            of groups.
        """
        total = len(vectors) if allowed is None else int(np.sum(allowed))
        wanted = min(4 * top_k, total)
        while True:
            rows, similarities = self.search(queries, vectors, wanted, allowed)
            kept = [
                np.sort(np.unique(groups[line], return_index=True)[1])[:top_k]
                for line in rows
            ]
            if wanted == total or all(len(k) == top_k for k in kept):
                return (
                    [line[k] for line, k in zip(rows, kept, strict=True)],
                    [line[k] for line, k in zip(similarities, kept, strict=True)],
                )
            wanted = min(4 * wanted, total)


def best_rows(similarities: np.ndarray, wanted: int) -> np.ndarray:
    """The rows of the largest values; of equal ones at the cut the lower rows.

    Args:
        similarities: (N,) float32.
        wanted: Number of rows, at most N.

    Returns:
        (wanted,) int64, rising.
    """
    if wanted >= len(similarities):
        return np.arange(len(similarities))
    kth = np.partition(similarities, -wanted)[-wanted]
    better = np.flatnonzero(similarities > kth)
    equal = np.flatnonzero(similarities == kth)[: wanted - len(better)]
    return np.sort(np.concatenate([better, equal]))

"""The nearest rows of a gallery file: by NumPy, or by FAISS over 8-bit copies."""

from __future__ import annotations

import warnings

import numpy as np

from mmpsearch.gallery.nearest import BACKENDS, best_rows, import_faiss
from mmpsearch.gallery.quantised import TRAINING_ROWS, QuantisedRows
from mmpsearch.gallery.vectors import CHUNK_ROWS, Vectors

PICKED_ROWS = 4096  # fewer allowed rows than these are compared one by one
SCAN_SHARE = 1 / 16  # more candidates than this share: compare everybody


class FileSearch:
    """Finds candidate rows; keeps the 8-bit copies while rows are only added.

    Args:
        backend: ``exact``, ``faiss``, or ``auto``: FAISS from ``faiss_from`` rows on
            where it is installed.
        faiss_from: Number of rows.

    Raises:
        ValueError: An unknown backend.
        ImportError: ``backend="faiss"`` without FAISS; the message names the extra.
    """

    def __init__(self, backend: str, faiss_from: int) -> None:
        if backend not in BACKENDS:
            raise ValueError(f"backend {backend!r} is none of {', '.join(BACKENDS)}")
        if backend == "faiss":
            import_faiss()
        self._backend, self._faiss_from = backend, faiss_from
        self._copies: QuantisedRows | None = None

    def forget(self) -> None:
        """The rows are others now."""
        self._copies = None

    def nearest(
        self,
        vectors: Vectors,
        query: np.ndarray,
        wanted: int,
        allowed: np.ndarray | None,
    ) -> tuple[np.ndarray, float]:
        """Rows that hold the most similar ones.

        Args:
            vectors: The embeddings.
            query: (D,) float32 of length 1.
            wanted: About how many rows.
            allowed: (N,) bool, rows that are compared; None: all.

        Returns:
            Rows, rising; and a similarity that no other allowed row exceeds, or
            ``-inf`` when the rows are the best ones for certain.
        """
        total = len(vectors) if allowed is None else int(allowed.sum())
        if total <= wanted:
            every = np.arange(total) if allowed is None else np.flatnonzero(allowed)
            return every, -np.inf
        if vectors.resident is None and total <= PICKED_ROWS:
            rows = np.flatnonzero(allowed)
            return rows[best_rows(vectors.take(rows) @ query, wanted)], -np.inf
        if self._use_faiss(len(vectors)) and wanted <= SCAN_SHARE * len(vectors):
            copies = self._copies_of(vectors)
            return copies.search(query, wanted, allowed)
        return _scan(vectors, query, wanted, allowed), -np.inf

    def _use_faiss(self, rows: int) -> bool:
        if self._backend == "exact" or (
            self._backend == "auto" and rows < self._faiss_from
        ):
            return False
        try:
            import_faiss()
        except ImportError as error:
            warnings.warn(f"{error}. Searching without it.", stacklevel=6)
            self._backend = "exact"
            return False
        return True

    def _copies_of(self, vectors: Vectors) -> QuantisedRows:
        copies = self._copies
        if (
            copies is None
            or len(vectors) > 2 * copies.trained_on
            or len(copies.odd) > 64 + len(copies) // 256
        ):
            copies = QuantisedRows(vectors.dimension)
            copies.train(_sample(vectors), len(vectors))
        for _, rows in vectors.chunks(len(copies)):
            copies.add(rows)
        self._copies = copies
        return copies


def _sample(vectors: Vectors) -> np.ndarray:
    """(n, D) rows from all over the table."""
    step = max(1, len(vectors) // TRAINING_ROWS)
    # copies: a view would keep its whole chunk, and all of them the whole gallery
    return np.concatenate([rows[::step].copy() for _, rows in vectors.chunks()])


def _scan(
    vectors: Vectors, query: np.ndarray, wanted: int, allowed: np.ndarray | None
) -> np.ndarray:
    """The best allowed rows by comparing everybody, rising."""
    similarities = np.empty(len(vectors), np.float32)
    for start, rows in vectors.chunks():
        similarities[start : start + CHUNK_ROWS] = rows @ query
    if allowed is not None:
        similarities[~allowed] = -np.inf
    return best_rows(similarities, wanted)

"""Candidates from 8-bit copies of the embeddings, by FAISS, with a bound of the error.

A copy takes a quarter of the memory and of the time. Rounding changes a similarity by
at most the length of the rounding error, which is measured for every row: with it a
search knows when no other person can be among the best, and is exact after all.
"""

from __future__ import annotations

import numpy as np

from mmpsearch.gallery.nearest import import_faiss

LEVELS = 127
TRAINING_ROWS = 65536
# Below this share of allowed people they are picked, above it others are dropped.
PICKED_SHARE = 1 / 16


class QuantisedRows:
    """Rows as signed bytes with one step size per dimension.

    Args:
        dimension: D.

    Attributes:
        error: Largest length of a rounding error, of the rows that are not ``odd``.
        odd: Rows with values beyond the steps, which are candidates of every search.
        trained_on: Number of rows by which the step sizes were chosen.
    """

    def __init__(self, dimension: int) -> None:
        self._faiss = faiss = import_faiss()
        self._index = faiss.IndexScalarQuantizer(
            dimension,
            faiss.ScalarQuantizer.QT_8bit_direct_signed,
            faiss.METRIC_INNER_PRODUCT,
        )
        self._steps = np.ones(dimension, np.float32)
        self._longest = 0.0  # of the rows as whole numbers
        self.error = 0.0
        self.odd = np.empty(0, np.int64)
        self.trained_on = 0

    def __len__(self) -> int:
        return self._index.ntotal

    def train(self, sample: np.ndarray, rows: int) -> None:
        """Choose the step sizes.

        Args:
            sample: (n, D) float32.
            rows: Number of rows that the sample stands for.
        """
        largest = np.abs(sample).max(axis=0, initial=0.0)
        floor = max(float(largest.max()), 1e-3) / 64  # dimensions that were silent
        self._steps = np.maximum(largest, floor).astype(np.float32) / LEVELS
        self.trained_on = rows

    def add(self, rows: np.ndarray) -> None:
        """Append (n, D) float32 rows."""
        rounded = np.rint(rows / self._steps)
        np.clip(rounded, -LEVELS, LEVELS, out=rounded)
        difference = rows - rounded * self._steps
        lengths = np.sqrt(np.einsum("nd,nd->n", difference, difference))
        odd = lengths > 0.5 * np.linalg.norm(self._steps) * 1.001
        self.odd = np.concatenate([self.odd, len(self) + np.flatnonzero(odd)])
        self.error = max(self.error, float(lengths[~odd].max(initial=0.0)))
        squares = np.einsum("nd,nd->n", rounded, rounded)
        self._longest = max(self._longest, float(np.sqrt(squares.max(initial=0.0))))
        self._index.add_sa_codes((rounded + (LEVELS + 1)).astype(np.uint8))

    def search(
        self, query: np.ndarray, wanted: int, allowed: np.ndarray | None
    ) -> tuple[np.ndarray, float]:
        """Rows that may be the nearest.

        Args:
            query: (D,) float32 of length 1.
            wanted: Number of rows.
            allowed: (N,) bool; None: all.

        Returns:
            Rows, about ``wanted`` of them or all, rising; and a similarity that no
            other allowed row exceeds (``-inf`` when there is no other).
        """
        whole, *slack = self._whole(query)
        share = 1.0 if allowed is None else float(allowed.mean())
        if share >= PICKED_SHARE:
            # dropping others afterwards is faster than asking for each row
            several = int(wanted / max(share, 1e-9) * 1.25) + 16
            several = several if share < 1 else wanted
            rows, similarities = self._nearest(whole, several)
            kept = np.ones(len(rows), bool) if allowed is None else allowed[rows]
            if len(rows) == len(self) or kept.sum() >= wanted // 2:
                complete = len(rows) == len(self)
                return self._result(rows[kept], similarities, slack, complete, allowed)
        bits = np.packbits(allowed, bitorder="little")
        parameters = self._faiss.SearchParameters(
            sel=self._faiss.IDSelectorBitmap(bits)
        )
        rows, similarities = self._nearest(whole, wanted, parameters)
        complete = len(rows) == int(allowed.sum())
        return self._result(rows, similarities, slack, complete, allowed)

    def _whole(self, query: np.ndarray) -> tuple[np.ndarray, float, float]:
        """The query as whole numbers, their unit, and the bound of all the rounding.

        FAISS rounds the query too where the processor multiplies bytes; whole numbers
        make that the same everywhere.
        """
        scaled = query.astype(np.float64) * self._steps
        unit = np.abs(scaled).max() / LEVELS
        whole = np.rint(scaled / unit)
        missed = scaled - whole * unit
        of_query = min(
            np.linalg.norm(missed / self._steps) * (1 + self.error),
            np.linalg.norm(missed) * self._longest,
        )
        return whole[None].astype(np.float32), unit, self.error + of_query + 1e-5

    def _nearest(
        self, whole: np.ndarray, wanted: int, parameters: object = None
    ) -> tuple[np.ndarray, np.ndarray]:
        similarities, rows = self._index.search(
            whole, min(wanted, len(self)), params=parameters
        )
        found = rows[0] >= 0
        return rows[0][found], similarities[0][found]

    def _result(
        self,
        rows: np.ndarray,
        similarities: np.ndarray,
        slack: tuple[float, float],
        complete: bool,
        allowed: np.ndarray | None,
    ) -> tuple[np.ndarray, float]:
        unit, bound = slack
        odd = self.odd if allowed is None else self.odd[allowed[self.odd]]
        rows = np.union1d(rows, odd)
        if complete or not len(similarities):
            return rows, -np.inf
        return rows, float(similarities[-1]) * unit + bound

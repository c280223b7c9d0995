"""The embeddings of a gallery: in memory, or read from its file where needed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.log_file import Column, LogFile
from mmpsearch.gallery.table import Growing

RESIDENT_BYTES = 64 << 20  # what may stay in memory although it lies in the file
CHUNK_ROWS = 32768


class Vectors:
    """(N, D) float32, of which the first rows may lie in the file only.

    Args:
        dimension: D.
        unit: Rows are of length 1; what is read from the file is held to that.
    """

    def __init__(self, dimension: int, unit: bool = True) -> None:
        self.dimension, self._unit = dimension, unit
        self._memory = Growing(np.float32, (dimension,))  # rows from _first on
        self._first = 0
        self._pieces: list[tuple[int, Column]] = []  # first row, where it lies
        self._in_file = 0
        self._log: LogFile | None = None

    def __len__(self) -> int:
        return self._first + len(self._memory)

    @property
    def resident(self) -> np.ndarray | None:
        """(N, D), when all of it is in memory."""
        return self._memory.values if self._first == 0 else None

    def append(self, embeddings: np.ndarray) -> None:
        """Add rows in memory."""
        self._memory.append(embeddings)

    def pending(self) -> np.ndarray:
        """Rows that do not lie in the file yet."""
        return self._memory.values[self._in_file - self._first :]

    def placed(self, log: LogFile, column: Column) -> None:
        """The pending rows, or rows that are not in memory at all, lie in the file."""
        self._log = log
        count = column.shape[0]
        if self._in_file == len(self):  # they come from the file
            if self.resident is None or self._bytes(count) > RESIDENT_BYTES:
                self._drop_memory(self._in_file + count)
            else:
                self._memory.append(self._read(column))
        self._pieces.append((self._in_file, column))
        self._in_file += count
        if self._bytes(0) > RESIDENT_BYTES:
            self._drop_memory(self._in_file)

    def pieces(self, rows: np.ndarray) -> Iterator[tuple[Column, np.ndarray]]:
        """Where rows lie in the file: columns, and the rows within them.

        Args:
            rows: Rising.
        """
        starts = np.array([first for first, _ in self._pieces])
        numbers = np.searchsorted(starts, rows, side="right") - 1
        for number in np.unique(numbers):
            first, column = self._pieces[number]
            yield column, rows[numbers == number] - first

    def take(self, rows: np.ndarray) -> np.ndarray:
        """(n, D) float32, some rows.

        Args:
            rows: (n,) rising.
        """
        rows = np.asarray(rows, np.int64)
        stored = rows[rows < self._first]
        parts = []
        for column, local in self.pieces(stored) if len(stored) else ():
            step = column.row_bytes
            runs = np.split(local, np.flatnonzero(np.diff(local) != 1) + 1)
            raw = b"".join(
                self._log.read(column.offset + int(run[0]) * step, len(run) * step)
                for run in runs
            )
            parts.append(self._rows(raw))
        parts.append(self._memory.values[rows[len(stored) :] - self._first])
        return np.concatenate(parts)

    def chunks(self, start: int = 0) -> Iterator[tuple[int, np.ndarray]]:
        """All rows from ``start`` on, in pieces: first row, (n, D) float32."""
        while start < self._first:
            stop = min(start + CHUNK_ROWS, self._first)
            yield start, self._stored(start, stop)
            start = stop
        for begin in range(start, len(self), CHUNK_ROWS):
            piece = self._memory.values[begin - self._first :][:CHUNK_ROWS]
            yield begin, piece

    def erase(self, rows: np.ndarray) -> None:
        """Overwrite rows in memory with zeros."""
        rows = rows[rows >= self._first] - self._first
        self._memory.values[rows] = 0

    def _stored(self, start: int, stop: int) -> np.ndarray:
        parts = []
        for first, column in self._pieces:
            low, high = max(start, first), min(stop, first + column.shape[0])
            if low < high:
                step = column.row_bytes
                raw = self._log.read(
                    column.offset + (low - first) * step, (high - low) * step
                )
                parts.append(self._rows(raw))
        return np.concatenate(parts)

    def _read(self, column: Column) -> np.ndarray:
        return self._rows(self._log.read(column.offset, column.nbytes))

    def _rows(self, raw: bytes) -> np.ndarray:
        """Rows as they lie in the file; erased ones are zeros.

        Raises:
            GalleryError: A row that is neither of length 1 nor erased.
        """
        rows = np.frombuffer(raw, np.float32).reshape(-1, self.dimension)
        squares = np.einsum("nd,nd->n", rows, rows)
        if self._unit and not ((abs(squares - 1) < 1e-3) | (squares == 0)).all():
            raise GalleryError(
                f"the gallery {self._log.path} is damaged: there are embeddings of a "
                "wrong length; take a backup, or index the pictures again"
            )
        return rows

    def _bytes(self, more: int) -> int:
        return (len(self) + more) * self.dimension * 4

    def _drop_memory(self, first: int) -> None:
        kept = self._memory.values[max(first - self._first, 0) :].copy()
        self._memory = Growing(np.float32, (self.dimension,))
        self._memory.append(kept)
        self._first = first

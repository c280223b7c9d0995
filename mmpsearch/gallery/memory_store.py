"""Records in memory: a table, their vectors, and the names of files and cameras."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.file_book import FileBook
from mmpsearch.gallery.file_search import FileSearch
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import Records, no_records
from mmpsearch.gallery.store import Candidates, FileState, Header, Store
from mmpsearch.gallery.suppression import Suppression
from mmpsearch.gallery.table import LAYOUT, Table
from mmpsearch.gallery.vectors import Vectors

# From here on FAISS over 8-bit copies was faster than NumPy (one CPU core).
FAISS_FROM = 50_000
COMPACT_FROM = 4096  # removed rows, when they are more than the living ones


class MemoryStore(Store):
    """Records as rows of a table; removed ones stay as rows that are not alive.

    Args:
        backend: ``auto``, ``exact`` (NumPy) or ``faiss``.
        faiss_from: Number of people from which ``auto`` takes FAISS.

    Raises:
        ImportError: ``backend="faiss"`` without FAISS.
    """

    def __init__(self, backend: str = "auto", faiss_from: int = FAISS_FROM) -> None:
        self.location = "memory"
        self._search = FileSearch(backend, faiss_from)
        self._start()

    def _start(self) -> None:
        """Nothing is known yet."""
        self.header, self.suppression = Header(), Suppression()
        self._table, self._book = Table(), FileBook()
        self._vectors: Vectors | None = None
        self._scenes: Vectors | None = None
        self._scenes_from = 0  # the first row with a scene embedding
        self._in_file = 0  # rows, from the first, that a file holds
        self._next_id = 0
        self._search.forget()

    def __len__(self) -> int:
        return self._table.living

    @property
    def dimension(self) -> int | None:
        return None if self._vectors is None else self._vectors.dimension

    def reserve_ids(self, count: int) -> int:
        return self._next_id

    def add(self, records: Records) -> None:
        if not len(records):
            return
        if self._vectors is None:
            self._vectors = Vectors(records.embeddings.shape[1])
        width = records.scenes.shape[1]
        if width or self._scenes is not None:
            scenes = self._scene_vectors(width)
            rows = np.zeros((len(records), scenes.dimension), np.float32)
            rows[:, :width] = records.scenes
            scenes.append(rows)
        block = {
            name: getattr(records, name)
            for name in LAYOUT
            if name not in ("files", "cameras")
        }
        block["files"], block["cameras"] = self._book.numbers(records)
        self._table.append(block)
        self._vectors.append(records.embeddings)
        self._next_id = max(self._next_id, int(records.ids[-1]) + 1)

    def remove(self, ids: np.ndarray) -> None:
        self._remove(ids)
        if self._worth_compacting():
            self.compact()

    def _remove(self, ids: np.ndarray) -> None:
        rows = self._table.rows_of(ids)
        self._table.remove(rows)
        if len(rows):
            self._vectors.erase(rows)

    def _worth_compacting(self) -> bool:
        removed = len(self._table) - len(self)
        return removed > max(COMPACT_FROM, len(self))

    def find(self, where: Where) -> np.ndarray:
        mask = self._mask(where)
        return self._table["ids"][self._table.alive if mask is None else mask]

    def count(self, where: Where) -> int:
        mask = self._mask(where)
        return len(self) if mask is None else int(mask.sum())

    def fetch(self, ids: np.ndarray) -> Records:
        return self._records(self._table.rows_of(ids))

    def scenes(
        self, where: Where, size: int = 4096
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        mask = self._mask(where)
        rows = np.flatnonzero(self._table.alive if mask is None else mask)
        for begin in range(0, len(rows), size):
            some = rows[begin : begin + size]
            yield self._table["ids"][some], self._scene_rows(some)

    def column(self, name: str) -> np.ndarray:
        """A whole column of ``Records``, in the order of adding."""
        alive = self._table.alive
        if name == "embeddings":
            if not len(self):
                return no_records(self.dimension or 0).embeddings
            return self._vectors.take(np.flatnonzero(alive))
        if name in ("paths", "cameras", "scenes"):
            return getattr(self._records(np.flatnonzero(alive), False), name)
        return self._table[name][alive]

    def nearest(
        self, query: np.ndarray, wanted: int, where: Where, one_per: str | None
    ) -> Candidates:
        mask = self._mask(where)
        if mask is None and len(self) < len(self._table):
            mask = self._table.alive
        compared = len(self) if mask is None else int(mask.sum())
        if not compared:
            return Candidates(no_records(len(query)), complete=True)
        rows, floor = self._search.nearest(self._vectors, query, wanted, mask)
        return Candidates(
            self._records(rows), floor, len(rows) == compared, compared=compared
        )

    def batches(self, size: int = 8192, after: int = -1) -> Iterator[Records]:
        start = int(np.searchsorted(self._table["ids"], after, side="right"))
        rows = start + np.flatnonzero(self._table.alive[start:])
        for begin in range(0, len(rows), size):
            yield self._records(rows[begin : begin + size])

    def file_state(self, path: str) -> FileState | None:
        return self._book.state(path)

    def set_file(self, path: str, state: FileState) -> None:
        self._book.set_file(path, state)

    def drop_file(self, path: str) -> None:
        self._book.drop_file(path)

    def paths(self) -> list[str]:
        return self._book.paths()

    def cameras(self) -> list[str]:
        if not len(self):
            return []
        codes = np.unique(self._table["cameras"][self._table.alive])
        return sorted(self._book.camera_names(codes).tolist())

    def _scene_vectors(self, width: int) -> Vectors:
        if self._scenes is None:
            self._scenes, self._scenes_from = Vectors(width, unit=False), self._in_file
            self._scenes.append(
                np.zeros((len(self._table) - self._in_file, width), np.float32)
            )
        if width not in (0, self._scenes.dimension):
            raise GalleryError(
                f"scene embeddings of length {width} do not fit the gallery's length "
                f"{self._scenes.dimension}"
            )
        return self._scenes

    def flush(self) -> None:
        """Nothing: memory is all there is."""

    def compact(self) -> None:
        """The same people, without the removed ones' rows."""
        everything = self._records(np.flatnonzero(self._table.alive))
        self._table, self._vectors, self._scenes = Table(), None, None
        self._search.forget()
        self.add(everything)

    def close(self) -> None:
        """Nothing: nobody else waits."""

    # rows --------------------------------------------------------------------

    def _mask(self, where: Where) -> np.ndarray | None:
        """(N,) bool over the table's rows, living ones only; None: all that live."""
        return None if where.everybody else self._book.mask(self._table, where)

    def _records(self, rows: np.ndarray, embeddings: bool = True) -> Records:
        nothing = no_records(self.dimension or 0)
        if not len(rows):
            return nothing
        if not embeddings:
            nothing = np.empty((len(rows), 0), np.float32)
        plain = {
            name: self._table[name][rows]
            for name in LAYOUT
            if name not in ("files", "cameras")
        }
        return Records(
            embeddings=self._vectors.take(rows) if embeddings else nothing,
            paths=self._book.path_names(self._table["files"][rows]),
            cameras=self._book.camera_names(self._table["cameras"][rows]),
            scenes=self._scene_rows(rows),
            **plain,
        )

    def _scene_rows(self, rows: np.ndarray) -> np.ndarray:
        if self._scenes is None:
            return np.empty((len(rows), 0), np.float32)
        scenes = np.zeros((len(rows), self._scenes.dimension), np.float32)
        known = rows >= self._scenes_from
        scenes[known] = self._scenes.take(rows[known] - self._scenes_from)
        return scenes

"""Growing NumPy columns, one row per person, without the embeddings."""

from __future__ import annotations

import numpy as np

# name: dtype, shape of one row
LAYOUT: dict[str, tuple[str, tuple[int, ...]]] = {
    "ids": ("<i8", ()),
    "files": ("<i8", ()),  # number of the file, of its own gallery
    "cameras": ("<i4", ()),  # position in the gallery's list of names; -1 unknown
    "boxes": ("<f4", (4,)),
    "scores": ("<f4", ()),
    "times": ("<f8", ()),
    "clocks": ("<f8", ()),
    "frames": ("<i8", ()),
    "tracks": ("<i8", ()),
    "starts": ("<f8", ()),
    "ends": ("<f8", ()),
    "added": ("<f8", ()),
}


class Growing:
    """An array that grows at its end; appending costs what is appended.

    Args:
        dtype: Of the values.
        row: Shape of one row.
    """

    def __init__(self, dtype: str | type, row: tuple[int, ...] = ()) -> None:
        self._room = np.empty((0, *row), dtype)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> np.ndarray:
        """(N, ...) view; changes in place are changes of the array."""
        return self._room[: self._length]

    def append(self, values: np.ndarray) -> None:
        """Add rows at the end."""
        needed = self._length + len(values)
        if needed > len(self._room):
            room = np.empty(
                (max(needed, needed + needed // 4), *self._room.shape[1:]),
                self._room.dtype,
            )
            room[: self._length] = self.values
            self._room = room
        self._room[self._length : needed] = values
        self._length = needed


class Table:
    """Every column of ``LAYOUT``, and who is still there.

    Removed rows stay until the table is made anew; ``alive`` is False for them.
    """

    def __init__(self) -> None:
        self._columns = {name: Growing(*layout) for name, layout in LAYOUT.items()}
        self._alive = Growing(bool)
        self._removed = 0

    def __len__(self) -> int:
        """Number of rows, removed ones included."""
        return len(self._alive)

    @property
    def living(self) -> int:
        """Number of people."""
        return len(self) - self._removed

    @property
    def alive(self) -> np.ndarray:
        """(N,) bool."""
        return self._alive.values

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name].values

    def append(self, block: dict[str, np.ndarray]) -> None:
        """Add rows; ids rise."""
        for name, column in self._columns.items():
            column.append(block[name])
        self._alive.append(np.ones(len(block["ids"]), bool))

    def rows_of(self, ids: np.ndarray) -> np.ndarray:
        """Rows of the ids that are there, rising."""
        ids, known = np.unique(np.asarray(ids, np.int64)), self["ids"]
        rows = np.searchsorted(known, ids)
        inside = rows < len(known)
        rows = rows[inside]
        rows = rows[known[rows] == ids[inside]]
        return rows[self.alive[rows]]

    def remove(self, rows: np.ndarray) -> None:
        """Mark rows, alive so far, as removed."""
        self.alive[rows] = False
        self._removed += len(rows)

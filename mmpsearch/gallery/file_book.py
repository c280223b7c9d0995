"""Names behind the numbers of a gallery file: its files and cameras."""

from __future__ import annotations

import numpy as np

from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import Records
from mmpsearch.gallery.store import FileState
from mmpsearch.gallery.table import Table


class FileBook:
    """Files that were added and cameras, each with a number.

    A file that was added again keeps its number; a dropped one stays known by name
    only as long as somebody is from it.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._states: dict[str, FileState] = {}
        self._cameras: list[str] = []
        self._next = 0
        self._saved_cameras = 0
        self._new: dict[str, None] = {}
        self._dropped: dict[str, None] = {}

    @property
    def changed(self) -> bool:
        """Whether there is anything that was not saved."""
        return bool(
            self._new or self._dropped or self._saved_cameras < len(self._cameras)
        )

    def state(self, path: str) -> FileState | None:
        return self._states.get(path)

    def paths(self) -> list[str]:
        return list(self._states)

    def set_file(self, path: str, state: FileState) -> None:
        self._number(path)
        self._states[path] = state
        self._new[path] = None
        self._dropped.pop(path, None)

    def drop_file(self, path: str) -> None:
        if self._states.pop(path, None) is not None:
            self._dropped[path] = None  # removed people may still name its number

    def numbers(self, records: Records) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of every record's file and camera; new ones are made."""
        files = np.fromiter(map(self._number, records.paths), np.int64, len(records))
        cameras = np.fromiter(
            map(self._camera, records.cameras), np.int32, len(records)
        )
        return files, cameras

    def path_names(self, numbers: np.ndarray) -> np.ndarray:
        names = np.empty(len(numbers), object)
        names[:] = [self._names[number] for number in numbers.tolist()]
        return names

    def camera_names(self, codes: np.ndarray) -> np.ndarray:
        return np.array([*self._cameras, ""], object)[codes]

    def mask(self, table: Table, where: Where) -> np.ndarray:
        """As ``Where.mask``, by numbers, for the rows that live."""
        mask = table.alive.copy()
        if where.cameras is not None:
            wanted = np.array([*(c in where.cameras for c in self._cameras), False])
            wanted[-1] = "" in where.cameras
            mask &= wanted[table["cameras"]]
        for limits, name in ((where.times, "times"), (where.clocks, "clocks")):
            if limits is not None:
                values = table[name]
                mask &= (values >= limits[0]) & (values <= limits[1])
        if where.before is not None:
            clocks = table["clocks"]
            moments = np.where(np.isnan(clocks), table["added"], clocks)
            mask &= moments < where.before
        if where.paths is not None:
            mask &= self._from(table, where.paths)
        if where.not_paths:
            mask &= ~self._from(table, where.not_paths)
        for path, frame in where.not_frames:
            own = self._from(table, frozenset([path]))
            mask &= ~(own & (table["frames"] == frame))
        if where.ids is not None:
            some = np.zeros(len(mask), bool)
            some[table.rows_of(where.ids)] = True
            mask &= some
        if where.not_ids is not None:
            mask[table.rows_of(where.not_ids)] = False
        return mask

    def _from(self, table: Table, paths: frozenset[str]) -> np.ndarray:
        numbers = [self._numbers[path] for path in paths if path in self._numbers]
        if len(numbers) == 1:
            return table["files"] == numbers[0]
        return np.isin(table["files"], numbers)

    # the file's JSON -----------------------------------------------------------

    def changes(self) -> dict:
        """What was not saved yet."""
        return {
            "files": [self._row(path) for path in self._new],
            "dropped": list(self._dropped),
            "cameras": self._cameras[self._saved_cameras :],
        }

    def everything(self, used: set[int]) -> dict:
        """What a file that is written anew needs; ``used`` are people's files."""
        known = [
            path
            for path, number in self._numbers.items()
            if number in used or path in self._states
        ]
        return {
            "files": [self._row(path) for path in known],
            "dropped": [path for path in known if path not in self._states],
            "cameras": self._cameras,
        }

    def saved(self) -> None:
        """The changes are in the file."""
        self._new.clear()
        self._dropped.clear()
        self._saved_cameras = len(self._cameras)

    def apply(self, data: dict) -> None:
        """Read what ``changes`` or ``everything`` gave."""
        for number, path, size, modified in data.get("files", ()):
            self._numbers[str(path)] = int(number)
            self._names[int(number)] = str(path)
            self._states[path] = FileState(int(size), int(modified))
            self._next = max(self._next, int(number) + 1)
        for path in data.get("dropped", ()):
            self._states.pop(path, None)
        self._cameras += [str(name) for name in data.get("cameras", ())]
        self._saved_cameras = len(self._cameras)

    def check(self, block: dict[str, np.ndarray]) -> None:
        """Refuse numbers without a name.

        Raises:
            ValueError: There is one.
        """
        unknown = set(np.unique(block["files"]).tolist()) - self._names.keys()
        codes = block["cameras"]
        if unknown or codes.max() >= len(self._cameras) or codes.min() < -1:
            raise ValueError("people of unknown files or cameras")
        if (np.diff(block["ids"]) <= 0).any():
            raise ValueError("ids that do not rise")

    def _row(self, path: str) -> list:
        state = self._states.get(path, FileState(-1, -1))
        return [self._numbers[path], path, state.size, state.modified]

    def _number(self, path: str) -> int:
        if path not in self._numbers:
            self._numbers[path] = self._next
            self._names[self._next] = path
            self._next += 1
            if path not in self._states:  # people came without their file
                self._states[path] = FileState(-1, -1)
            self._new[path] = None
        return self._numbers[path]

    def _camera(self, name: str) -> int:
        if not name:
            return -1
        if name not in self._cameras:
            self._cameras.append(name)
        return self._cameras.index(name)

"""Who must not come back: the list that outlives the records it is about."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.records import Records
from mmpsearch.utils.atomic import replace_when_done

SAME_BOX = 0.5  # intersection over union from which a box shows the same person
KINDS = ("person", "file", "camera", "before")


@dataclass(frozen=True)
class Entry:
    """One thing that was removed for good.

    No embedding is kept: a person is known again by the picture and the box.

    Attributes:
        kind: ``person`` (path, frame and box), ``file``, ``camera`` or ``before``.
        path: Absolute path, of a person or a file.
        frame: Frame in the video; -1 for still pictures.
        box: xyxy in pixels of the picture, of a person.
        camera: Name of a camera.
        moment: Unix time, of ``before``: everything older.
        when: Unix time of the removal.
        reason: The user's words.
        key: Unique.
    """

    kind: str
    path: str = ""
    frame: int = -1
    box: tuple[float, float, float, float] | None = None
    camera: str = ""
    moment: float = 0.0
    when: float = field(default_factory=time.time)
    reason: str = ""
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __str__(self) -> str:
        if self.kind == "person":
            where = f"{self.path} frame {self.frame}" if self.frame >= 0 else self.path
            return f"person {' '.join(f'{v:.0f}' for v in self.box)} in {where}"
        if self.kind == "before":
            shown = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.moment))
            return f"everybody before {shown}"
        return f"{self.kind} {self.path or self.camera}"


class Suppression:
    """The entries, and the keys of those that were lifted again.

    Two copies of a list are joined without losing a removal or a lifting.
    """

    def __init__(self, entries: Iterable[Entry] = (), lifted: Iterable[str] = ()):
        self._lifted = set(lifted)
        self._entries: dict[str, Entry] = {}
        self._index()
        self.extend(entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> list[Entry]:
        """In the order of removal."""
        return sorted(self._entries.values(), key=lambda entry: (entry.when, entry.key))

    def extend(self, entries: Iterable[Entry]) -> None:
        """Suppress more."""
        for entry in entries:
            if entry.key not in self._lifted:
                self._entries[entry.key] = entry
        self._index()

    def lift(self, keys: Iterable[str]) -> int:
        """Let come back what was suppressed under these keys; returns how many."""
        known = [key for key in keys if self._entries.pop(key, None)]
        self._lifted.update(known)
        self._index()
        return len(known)

    def join(self, other: Suppression) -> bool:
        """Take over another list; returns whether that changed anything."""
        before = (set(self._entries), set(self._lifted))
        self._lifted |= other._lifted
        for key in self._lifted & set(self._entries):
            del self._entries[key]
        self.extend(other.entries)
        return before != (set(self._entries), self._lifted)

    def allows_file(self, path: str) -> bool:
        """False: the file as a whole is suppressed."""
        return path not in self._files

    def allowed(self, records: Records) -> np.ndarray:
        """(N,) bool, who may be in a gallery."""
        allowed = np.ones(len(records), bool)
        if not self._entries or not len(records):
            return allowed
        if self._cameras:
            allowed &= ~np.isin(records.cameras, list(self._cameras))
        if self._before > -np.inf:
            allowed &= records.moments() >= self._before
        if self._files or self._people:
            for row, path in enumerate(records.paths):
                if path in self._files:
                    allowed[row] = False
                elif boxes := self._people.get((path, int(records.frames[row]))):
                    allowed[row] &= not _is_one_of(records.boxes[row], boxes)
        return allowed

    def to_json(self) -> str:
        """All of it, as text."""
        entries = [asdict(entry) for entry in self.entries]
        return json.dumps({"suppressed": entries, "lifted": sorted(self._lifted)})

    @classmethod
    def from_json(cls, text: str, what: str) -> Suppression:
        """Read what ``to_json`` wrote.

        Args:
            text: JSON.
            what: Its place, for the error.

        Raises:
            GalleryError: Something else.
        """
        try:
            data = json.loads(text)
            entries = [_entry(values) for values in data["suppressed"]]
            return cls(entries, [str(key) for key in data["lifted"]])
        except (
            KeyError,
            TypeError,
            ValueError,
            OverflowError,
            RecursionError,
        ) as error:
            raise GalleryError(
                f"{what} is not a list of suppressed people, or is damaged: {error}"
            ) from None

    def _index(self) -> None:
        entries = self._entries.values()
        self._files = frozenset(e.path for e in entries if e.kind == "file")
        self._cameras = frozenset(e.camera for e in entries if e.kind == "camera")
        moments = [e.moment for e in entries if e.kind == "before"]
        self._before = max(moments, default=-np.inf)
        self._people: dict[tuple[str, int], list] = {}
        for entry in entries:
            if entry.kind == "person":
                self._people.setdefault((entry.path, entry.frame), []).append(entry.box)


def people_entries(records: Records, reason: str = "") -> list[Entry]:
    """Entries by which these people are known again."""
    return [
        Entry(
            "person",
            path=str(path),
            frame=int(frame),
            box=tuple(map(float, box)),
            reason=reason,
        )
        for path, frame, box in zip(
            records.paths, records.frames, records.boxes, strict=True
        )
    ]


def read_sidecar(path: str | os.PathLike) -> Suppression:
    """The list in a file; an empty one where there is no file.

    Raises:
        GalleryError: The file holds something else.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            return Suppression.from_json(stream.read(), os.fspath(path))
    except FileNotFoundError:
        return Suppression()
    except UnicodeDecodeError as error:
        raise GalleryError(f"{path} is not a list of suppressed people: {error}") from (
            error
        )


def write_sidecar(path: str | os.PathLike, suppression: Suppression) -> None:
    """Write the list in one step."""
    with replace_when_done(path) as temporary:
        with open(temporary, "w", encoding="utf-8") as stream:
            stream.write(suppression.to_json())
            stream.flush()
            os.fsync(stream.fileno())


def _is_one_of(box: np.ndarray, others: list) -> bool:
    others = np.asarray(others, np.float64)
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    union = np.prod(box[2:].astype(np.float64) - box[:2]) + areas - common
    same = (others == box).all(axis=1)  # also boxes without area
    return bool((same | (common >= SAME_BOX * np.maximum(union, 1e-9))).any())


def _entry(values: dict) -> Entry:
    entry = Entry(**values)
    if entry.kind not in KINDS or not isinstance(entry.key, str):
        raise ValueError(f"entry of kind {entry.kind!r}")
    if entry.kind == "person":
        box = tuple(float(value) for value in entry.box)
        if len(box) != 4 or not np.isfinite(box).all():
            raise ValueError(f"box {entry.box!r}")
        entry = Entry(**{**values, "box": box, "frame": int(entry.frame)})
    if not all(isinstance(t, (int, float)) for t in (entry.moment, entry.when)):
        raise ValueError("a time that is no number")
    return entry

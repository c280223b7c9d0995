"""What a gallery needs of the place that keeps its records."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import Records, no_records
from mmpsearch.gallery.suppression import Suppression


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was added.

    Attributes:
        size: Bytes; -1 when there is no such file (an array).
        modified: Time stamp in nanoseconds; -1 when there is no such file.
    """

    size: int
    modified: int

    @classmethod
    def of(cls, path: str | os.PathLike) -> FileState:
        """The file's state now."""
        try:
            state = os.stat(path)
        except (OSError, ValueError):
            return cls(-1, -1)
        return cls(state.st_size, state.st_mtime_ns)


@dataclass
class Header:
    """What holds for the whole gallery.

    Attributes:
        fingerprint: The model that made every embedding; None when unknown.
        settings: With which the sources were read, such as ``score_threshold``.
        notes: For the programs: the migration that is under way, reports written.
    """

    fingerprint: ModelFingerprint | None = None
    settings: dict[str, float] = field(default_factory=dict)
    notes: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Candidates:
    """Who may be the most similar people.

    Attributes:
        records: With their embeddings, which are compared exactly afterwards.
        floor: Nobody else is more similar than this; ``-inf`` when these are the best
            ones for certain.
        complete: Nobody else is left to compare.
        compared: Number of people for whom the conditions hold.
    """

    records: Records
    floor: float = -np.inf
    complete: bool = False
    compared: int = 0


class Store(ABC):
    """Keeps records, the files that were read, and the suppression list.

    Ids rise in the order of adding. What was added or removed is durable, and seen by
    others, after ``flush``.

    Attributes:
        location: Where it is, for messages; without credentials.
        header: Changed in place; written by the next ``flush``.
        suppression: Who must not come back; changed in place, written by ``flush``.
    """

    location: str
    header: Header
    suppression: Suppression

    @abstractmethod
    def __len__(self) -> int:
        """Number of people."""

    @property
    @abstractmethod
    def dimension(self) -> int | None:
        """Length of an embedding; None before the first one is added."""

    @abstractmethod
    def reserve_ids(self, count: int) -> int:
        """The first of ``count`` numbers that nobody has, in a row."""

    @abstractmethod
    def add(self, records: Records) -> None:
        """Append records; their ids were reserved."""

    @abstractmethod
    def remove(self, ids: np.ndarray) -> None:
        """Remove people; nothing of their embeddings stays after ``flush``."""

    @abstractmethod
    def find(self, where: Where) -> np.ndarray:
        """Ids of the people for whom the conditions hold, rising."""

    @abstractmethod
    def fetch(self, ids: np.ndarray) -> Records:
        """Records by id, rising; ids that nobody has are left out."""

    @abstractmethod
    def nearest(
        self, query: np.ndarray, wanted: int, where: Where, one_per: str | None
    ) -> Candidates:
        """About ``wanted`` candidates for the people most similar to a query.

        Args:
            query: (D,) float32, L2-normalised.
            wanted: Number of candidates.
            where: Who is compared.
            one_per: ``"image"`` or ``"track"``: one of each is enough.
        """

    @abstractmethod
    def scenes(
        self, where: Where, size: int = 4096
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Ids, rising, and scene embeddings of people, in pieces.

        Args:
            where: Which people.
            size: About how many of them a piece holds.

        Yields:
            (n,) int64 and (n, S) float32; a row of zeros where none is known.
        """

    @abstractmethod
    def count(self, where: Where) -> int:
        """Number of people for whom the conditions hold."""

    @abstractmethod
    def batches(self, size: int = 8192, after: int = -1) -> Iterator[Records]:
        """All records with ids above ``after``, rising, in pieces."""

    def column(self, name: str) -> np.ndarray:
        """A whole column of ``Records``, in the order of adding."""
        nothing = no_records(self.dimension or 0)
        parts = [getattr(records, name) for records in self.batches()]
        return np.concatenate([getattr(nothing, name), *parts])

    @abstractmethod
    def file_state(self, path: str) -> FileState | None:
        """The file as it was added; None when it was not."""

    @abstractmethod
    def set_file(self, path: str, state: FileState) -> None:
        """Remember that a file was added."""

    @abstractmethod
    def drop_file(self, path: str) -> None:
        """Forget that a file was added; its people are removed before."""

    @abstractmethod
    def paths(self) -> list[str]:
        """Files that were added, in the order of adding."""

    @abstractmethod
    def cameras(self) -> list[str]:
        """Names of the cameras that people were seen by, sorted."""

    @abstractmethod
    def flush(self) -> None:
        """Make all changes durable."""

    def refresh(self) -> None:  # noqa: B027  (most stores always show the newest)
        """See what other processes have written."""

    def compact(self) -> None:  # noqa: B027  (a server does it on its own)
        """Give back the room of what was removed."""

    @abstractmethod
    def close(self) -> None:
        """Flush, and let others write."""

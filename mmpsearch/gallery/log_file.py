"""The gallery's file: a log of commits that only grows, until it is written anew.

    head     64 bytes: magic, number of commits, number of commits with erased rows
    commit   64 bytes: magic, sizes, checksums
             JSON, padded to 64 bytes
             arrays, each padded to 64 bytes
    commit ...

A commit's content is written and synced first, its 64 bytes last: whatever kills the
writer in between leaves zeros there, which end the log for every reader and are
written over by the next writer. Anything else that does not fit is damage.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from mmpsearch.errors import GalleryError

MAGIC = b"MMPSGAL2"
COMMIT_MAGIC = b"MMPSCMT2"
UNIT = 64
_HEAD = struct.Struct("<8sQQ40x")
_COMMIT = struct.Struct("<8sQQIII28x")  # magic, text, payload, 2 checksums, own one
# What is erased in place has no checksum; rows are of length 1, or erased.
ERASABLE = ("embeddings", "scenes")


@dataclass(frozen=True)
class Column:
    """An array in the file.

    Attributes:
        name: Of the column.
        dtype: As NumPy writes it, little-endian.
        shape: (rows, ...).
        offset: Of its first byte in the file.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int

    @property
    def row_bytes(self) -> int:
        return int(np.dtype(self.dtype).itemsize * np.prod(self.shape[1:], dtype=int))

    @property
    def nbytes(self) -> int:
        return self.row_bytes * self.shape[0]


@dataclass(frozen=True)
class Commit:
    """What one commit changed.

    Attributes:
        data: The JSON.
        columns: The arrays by name, not read yet.
        checksums: Of the arrays that are not erasable.
        end: Offset of what follows.
    """

    data: dict
    columns: dict[str, Column] = field(default_factory=dict)
    checksums: dict[str, int] = field(default_factory=dict)
    end: int = 0


def is_log(path: str | os.PathLike) -> bool:
    """Whether a file begins like a gallery."""
    with open(path, "rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


class LogFile:
    """An open gallery file.

    Args:
        path: Of the file.
        stream: Open in binary, unbuffered; for writing where commits are made.

    Attributes:
        end: Offset behind the last commit that was read.
        commits: Number of commits that were read.
    """

    def __init__(self, path: str, stream: BinaryIO) -> None:
        self.path, self._stream = path, stream
        self.end, self.commits = UNIT, 0

    @classmethod
    def open(cls, path: str, write: bool = False) -> LogFile:
        """Open a file that is there."""
        return cls(path, open(path, "r+b" if write else "rb", buffering=0))

    @classmethod
    def create(cls, path: str | os.PathLike) -> LogFile:
        """Make an empty log, durable before anything refers to it."""
        log = cls(os.fspath(path), open(path, "w+b", buffering=0))
        log._write(0, _HEAD.pack(MAGIC, 0, 0))
        log.sync()
        return log

    def close(self) -> None:
        self._stream.close()

    def identity(self) -> tuple[int, int]:
        """Changes when the file was written anew under the same name."""
        state = os.fstat(self._stream.fileno())
        return state.st_dev, state.st_ino

    def sync(self) -> None:
        os.fsync(self._stream.fileno())

    # reading -----------------------------------------------------------------

    def new_commits(self) -> Iterator[Commit]:
        """The commits behind ``end``.

        Raises:
            GalleryError: The file is cut off or damaged.
        """
        magic, announced, _ = self._head()
        if magic != MAGIC:
            raise GalleryError(f"{self.path} is not a gallery")
        size = os.fstat(self._stream.fileno()).st_size
        while commit := self._next(size):
            self.end, self.commits = commit.end, self.commits + 1
            yield commit
        if self.commits < announced:
            raise self._damaged(f"{announced - self.commits} of {announced} commits")

    def _next(self, size: int) -> Commit | None:
        raw = self.read(self.end, UNIT)
        if len(raw) < UNIT or not any(raw):
            return None
        magic, length, payload, text_sum, payload_sum, own = _COMMIT.unpack(raw)
        if magic != COMMIT_MAGIC or own != zlib.crc32(raw[:32]):
            raise self._damaged(f"the commit at byte {self.end}")
        start = self.end + UNIT + _padded(length)
        if start + payload > size:
            raise self._damaged("its end: the file is cut off")
        text = self.read(self.end + UNIT, length)
        if zlib.crc32(text) != text_sum:
            raise self._damaged(f"the text at byte {self.end + UNIT}")
        try:
            data = json.loads(text)
            columns, sums, offset = {}, {}, start
            for name, dtype, shape, checksum in data.pop("columns", ()):
                column = Column(name, np.dtype(dtype).str, tuple(shape), offset)
                columns[name], sums[name] = column, checksum
                offset += _padded(column.nbytes)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise self._damaged(f"the text at byte {self.end + UNIT}: {error}") from (
                None
            )
        if offset != start + payload:
            raise self._damaged(f"the arrays at byte {start}")
        return Commit(data, columns, sums, start + payload)

    def array(self, commit: Commit, name: str) -> np.ndarray:
        """A whole column, checked.

        Raises:
            GalleryError: Its checksum is wrong.
        """
        column = commit.columns[name]
        raw = self.read(column.offset, column.nbytes)
        if name not in ERASABLE and zlib.crc32(raw) != commit.checksums[name]:
            raise self._damaged(f"column {name!r}")
        return np.frombuffer(raw, column.dtype).reshape(column.shape).copy()

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the file; fewer at its end."""
        if hasattr(os, "pread"):
            parts = []
            while length:
                part = os.pread(self._stream.fileno(), min(length, 1 << 30), offset)
                if not part:
                    break
                parts.append(part)
                offset, length = offset + len(part), length - len(part)
            return parts[0] if len(parts) == 1 else b"".join(parts)
        self._stream.seek(offset)
        return self._stream.read(length)

    def erased(self) -> int:
        """Number of commits whose removed rows are known to be erased."""
        return self._head()[2]

    def _head(self) -> tuple[bytes, int, int]:
        raw = self.read(0, UNIT)
        if len(raw) < UNIT:
            raise GalleryError(f"{self.path} is not a gallery")
        return _HEAD.unpack(raw)

    def _damaged(self, what: str) -> GalleryError:
        return GalleryError(
            f"the gallery {self.path} is damaged: {what} cannot be read; take a "
            "backup, or index the pictures again"
        )

    # writing -----------------------------------------------------------------

    def append(self, data: dict, columns: dict[str, np.ndarray]) -> Commit:
        """Write a commit; when it returns, the commit is durable."""
        described, placed, sums = [], {}, {}
        arrays = {name: np.ascontiguousarray(array) for name, array in columns.items()}
        for name, array in arrays.items():
            raw = memoryview(array).cast("B") if array.size else b""
            sums[name] = 0 if name in ERASABLE else zlib.crc32(raw)
            described.append([name, array.dtype.str, array.shape, sums[name]])
        text = json.dumps({**data, "columns": described}).encode()
        start = offset = self.end + UNIT + _padded(len(text))
        self._truncate()
        self._write(self.end + UNIT, text)
        for name, array in arrays.items():
            placed[name] = Column(name, array.dtype.str, array.shape, offset)
            if array.size:
                self._write(offset, memoryview(array).cast("B"))
            offset += _padded(array.nbytes)
        os.ftruncate(self._stream.fileno(), offset)
        self.sync()
        head = _COMMIT.pack(
            COMMIT_MAGIC, len(text), offset - start, zlib.crc32(text), 0, 0
        )
        own = zlib.crc32(head[:32])
        self._write(self.end, head[:32] + struct.pack("<I", own) + head[36:])
        self.sync()
        self.end, self.commits = offset, self.commits + 1
        self._write(8, struct.pack("<Q", self.commits))
        return Commit(data, placed, sums, offset)

    def erase(self, column: Column, rows: Iterable[int]) -> None:
        """Overwrite rows of a column with zeros; durable after ``mark_erased``."""
        nothing = bytes(column.row_bytes)
        for row in rows:
            self._write(column.offset + int(row) * column.row_bytes, nothing)

    def mark_erased(self) -> None:
        """Say that every commit's removed rows are erased."""
        self.sync()
        self._write(16, struct.pack("<Q", self.commits))

    def _truncate(self) -> None:
        """Cut off what a killed writer left behind the last commit."""
        os.ftruncate(self._stream.fileno(), self.end)
        os.ftruncate(self._stream.fileno(), self.end + UNIT)  # zeros: not committed

    def _write(self, offset: int, data: bytes | memoryview) -> None:
        self._stream.seek(offset)
        data = memoryview(data)
        while len(data):
            data = data[self._stream.write(data) :]


def _padded(length: int) -> int:
    return -(-length // UNIT) * UNIT

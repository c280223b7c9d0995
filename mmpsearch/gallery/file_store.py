"""The default store: one file, many readers, one writer."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict

import numpy as np
from filelock import FileLock, Timeout

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.log_file import Commit, LogFile, is_log
from mmpsearch.gallery.memory_store import FAISS_FROM, MemoryStore
from mmpsearch.gallery.old_file import read_old_gallery
from mmpsearch.gallery.records import Records
from mmpsearch.gallery.store import FileState, Header
from mmpsearch.gallery.suppression import Suppression, read_sidecar, write_sidecar
from mmpsearch.gallery.table import LAYOUT
from mmpsearch.gallery.vectors import Vectors
from mmpsearch.utils.atomic import replace_when_done, sync_folder

_LOG = logging.getLogger(__name__)
REWRITE_ROWS = 65_536  # rows of one commit when the file is written anew


class FileStore(MemoryStore):
    """Records in a file that grows by commits, or in memory alone.

    A commit is whole or absent after a kill at any moment. Removed embeddings are
    overwritten in place; the file is written anew when most of it is removed.

    Args:
        path: The file, which need not exist; None: in memory only.
        write: Take the lock and allow changes; without, the file is only read, and
            what others write is seen by ``refresh``.
        follow: False: changes stay in memory although the file is only read, until
            ``begin_writing``.
        backend: ``auto``, ``exact`` (NumPy) or ``faiss``.
        faiss_from: Number of people from which ``auto`` takes FAISS.

    Raises:
        GalleryError: Not a gallery, damaged, of a newer version; or another process
            writes it.
        ImportError: ``backend="faiss"`` without FAISS.
    """

    def __init__(
        self,
        path: str | os.PathLike | None = None,
        write: bool = True,
        backend: str = "auto",
        faiss_from: int = FAISS_FROM,
        follow: bool = True,
    ) -> None:
        self._follow = follow and not write
        self._path = None if path is None else os.path.abspath(path)
        self._log: LogFile | None = None
        self._lock: FileLock | None = None
        self._write = write or self._path is None
        super().__init__(backend, faiss_from)
        if self._path is None:
            return
        self.location = self._path
        if write:
            self._take_lock()
        try:
            self._load()
        except BaseException:
            self._release()
            raise

    def _start(self) -> None:
        super()._start()
        self._removed: list[int] = []  # ids in the file, removed since the last flush
        self._written = None  # header and suppression as they lie in the file
        self._old_format = False

    @property
    def sidecar(self) -> str | None:
        """Where the suppression list lies beside the file."""
        return self._path and f"{self._path}.suppressed.json"

    # opening -----------------------------------------------------------------

    def _take_lock(self) -> None:
        folder, name = os.path.split(self._path)
        os.makedirs(folder, exist_ok=True)
        lock = FileLock(os.path.join(folder, f".{name}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise GalleryError(
                f"the gallery {self._path} is being written by another process; wait "
                "for it, or use another file"
            ) from None
        self._lock = lock

    def _load(self) -> None:
        if os.path.exists(self._path):
            if os.path.isdir(self._path):
                raise GalleryError(f"{self._path} is a folder, not a gallery")
            if os.path.isfile(self._path) and is_log(self._path):
                self._log = LogFile.open(self._path, self._write)
                self._read_commits()
                self._finish_erasing()
            else:
                self._take_over(read_old_gallery(self._path))
                self._old_format = True
        elif not self._write:
            raise GalleryError(f"there is no gallery file {self._path}")
        self._written = self._state()
        if self.suppression.join(read_sidecar(self.sidecar)):
            self._apply_suppression()

    def _read_commits(self) -> None:
        for commit in self._log.new_commits():
            self._apply(commit)

    def _apply(self, commit: Commit) -> None:
        data = commit.data
        try:
            if data.get("version", 0) > 2:
                raise GalleryError(
                    f"{self._path} was written by a newer mmpsearch: update mmpsearch"
                )
            header = data["header"]
            print_of = header["fingerprint"]
            self.header = Header(
                print_of and ModelFingerprint(**print_of),
                dict(header["settings"]),
                dict(header["notes"]),
            )
            self._book.apply(data)
            self._next_id = int(data["next_id"])
            if "suppression" in data:
                self.suppression = Suppression.from_json(
                    data["suppression"], self._path
                )
            if "embeddings" in commit.columns:
                self._apply_rows(commit)
            rows = self._table.rows_of(np.array(data["removed"], np.int64))
            self._table.remove(rows)
            self._vectors and self._vectors.erase(rows)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, GalleryError):
                raise
            raise GalleryError(
                f"the gallery {self._path} is damaged: {error!r} in a commit"
            ) from error

    def _apply_rows(self, commit: Commit) -> None:
        block = {name: self._log.array(commit, name) for name in LAYOUT}
        column = commit.columns["embeddings"]
        if self._vectors is None:
            self._vectors = Vectors(column.shape[1])
        count = len(block["ids"])
        if column.shape != (count, self._vectors.dimension) or any(
            block[name].shape != (count, *row) for name, (_, row) in LAYOUT.items()
        ):
            raise ValueError("columns of different lengths")
        self._book.check(block)
        scenes = commit.columns.get("scenes")
        if scenes is not None and scenes.shape[0] == count:
            self._scene_vectors(scenes.shape[1]).placed(self._log, scenes)
        self._vectors.placed(self._log, column)
        self._table.append(block)
        self._in_file = len(self._table)

    def _take_over(self, old: tuple[Records, dict[str, FileState], Header, int]):
        """Fill the empty store from a file of the old format."""
        records, files, self.header, next_id = old
        for path, state in files.items():
            self._book.set_file(path, state)
        if len(records):
            super().add(records)  # also where it is only read
        self._next_id = max(next_id, self._next_id)

    def _finish_erasing(self) -> None:
        """A killed writer may have removed people without overwriting them."""
        if self._write and self._log.erased() < self._log.commits:
            self._erase(np.flatnonzero(~self._table.alive))

    def _apply_suppression(self) -> None:
        """Remove who was suppressed after this file was written (a backup)."""
        for records in list(self.batches()):
            gone = ~self.suppression.allowed(records)
            if gone.any():
                self._remove(records.ids[gone])
        if self._write:
            self.flush()

    # writing -----------------------------------------------------------------

    def add(self, records: Records) -> None:
        self._refuse_reader()
        super().add(records)

    def set_file(self, path: str, state: FileState) -> None:
        self._refuse_reader()
        super().set_file(path, state)

    def remove(self, ids: np.ndarray) -> None:
        self._refuse_reader()
        if self._path is None:
            super().remove(ids)
        else:
            self._remove(ids)

    def _remove(self, ids: np.ndarray) -> None:
        rows = self._table.rows_of(ids)
        self._removed += self._table["ids"][rows[rows < self._in_file]].tolist()
        super()._remove(ids)

    def flush(self) -> None:
        if self._path is None or not self._write or not self._changed():
            return
        if self._log is None or self._worth_compacting():
            self.compact()
            return
        if self.suppression.to_json() != self._written[1]:
            write_sidecar(self.sidecar, self.suppression)  # before anybody is removed
        columns = self._pending()
        removed = np.array(self._removed, np.int64)
        self._committed(self._log.append(self._commit_data(), columns))
        if len(removed):
            rows = np.searchsorted(self._table["ids"], np.sort(removed))
            self._erase(rows)

    def compact(self) -> None:
        """Write the file anew, without what was removed."""
        if self._path is None:
            super().compact()
            return
        if self.suppression.to_json() != self._written[1]:
            write_sidecar(self.sidecar, self.suppression)
        self._write_anew(self)

    def close(self) -> None:
        try:
            if self._write:
                self.flush()
        finally:
            self._release()

    def begin_writing(self) -> None:
        """Take the lock of a file that was opened for reading.

        Raises:
            GalleryError: Another process writes the file, or wrote it since it was
                read.
        """
        self._take_lock()
        try:
            if self._log is not None and os.path.exists(self._path):
                log = LogFile.open(self._path, write=True)
                known, log.end = log.identity() == self._log.identity(), self._log.end
                log.commits = self._log.commits
                if not known or any(log.new_commits()):
                    log.close()
                    raise GalleryError(
                        f"the gallery {self._path} was written by another process "
                        "since it was read: read it again"
                    )
                self._log = log
            else:
                self._log = None  # written anew
            self._write = True
            if self.suppression.join(read_sidecar(self.sidecar)):
                self._apply_suppression()
        except BaseException:
            self._lock.release()
            raise

    def end_writing(self) -> None:
        """Give back the lock; go on reading."""
        self._write = False
        self._lock.release()
        self._lock = None

    def replace_by(self, other: FileStore) -> None:
        """Hold what another store holds, but for whom the suppression list names."""
        self.suppression.join(other.suppression)
        if len(self.suppression):
            write_sidecar(self.sidecar, self.suppression)
        self._write_anew(other)

    def refresh(self) -> None:
        if not self._follow or self._log is None:
            return
        try:
            state = os.stat(self._path)
        except OSError:
            return  # removed: what was read stays
        if (state.st_dev, state.st_ino) != self._log.identity():
            self._reload()
        elif state.st_size > self._log.end:
            self._read_commits()

    def _reload(self) -> None:
        if self._log is not None:
            self._log.close()
        header = self.header  # which others may hold
        self._start()
        self._load()
        vars(header).update(vars(self.header))
        self.header = header

    def _release(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _refuse_reader(self) -> None:
        if self._follow:
            raise GalleryError(f"the gallery {self._path} was opened for reading only")

    def _changed(self) -> bool:
        return bool(
            self._old_format
            or self._log is None
            or len(self._table) > self._in_file
            or self._removed
            or self._book.changed
            or self._state() != self._written
        )

    def _state(self) -> tuple:
        return (repr(self.header), self.suppression.to_json())

    def _commit_data(self) -> dict:
        data = {
            "version": 2,
            "header": asdict(self.header),
            "next_id": self._next_id,
            "removed": self._removed,
            **self._book.changes(),
        }
        if self._written is None or self._state()[1] != self._written[1]:
            data["suppression"] = self.suppression.to_json()
        return data

    def _pending(self) -> dict[str, np.ndarray]:
        start = self._in_file
        if start == len(self._table):
            return {}
        columns = {name: self._table[name][start:] for name in LAYOUT}
        columns["embeddings"] = self._vectors.pending()
        if self._scenes is not None:
            columns["scenes"] = self._scenes.pending()
        # removed before it was ever written: by the table's ids it stays unknown
        alive = self._table.alive[start:]
        if not alive.all():
            self._removed += columns["ids"][~alive].tolist()
        return columns

    def _committed(self, commit: Commit) -> None:
        for vectors, name in (
            (self._vectors, "embeddings"),
            (self._scenes, "scenes"),
        ):
            if name in commit.columns:
                vectors.placed(self._log, commit.columns[name])
        self._in_file = len(self._table)
        self._removed = []
        self._book.saved()
        self._written = self._state()

    def _erase(self, rows: np.ndarray) -> None:
        for vectors, first in ((self._vectors, 0), (self._scenes, self._scenes_from)):
            if vectors is None:
                continue
            for column, local in vectors.pieces(rows[rows >= first] - first):
                self._log.erase(column, local)
        self._log.mark_erased()

    def _write_anew(self, source: FileStore) -> None:
        if self._old_format:
            _LOG.warning("%s is written in the new format of galleries", self._path)
        with replace_when_done(self._path) as temporary:
            log = LogFile.create(temporary)
            source._write_everything(log, self.suppression)
            log.sync()
            log.close()
        sync_folder(os.path.dirname(self._path))
        self._reload()

    def _write_everything(self, log: LogFile, suppression: Suppression) -> None:
        rows = np.flatnonzero(self._table.alive)
        if len(suppression):
            rows = rows[suppression.allowed(self._records(rows, embeddings=False))]
        base = {
            "version": 2,
            "header": asdict(self.header),
            "next_id": self._next_id,
            "removed": [],
        }
        used = set(np.unique(self._table["files"][rows]).tolist())
        first = {**base, **self._book.everything(used)}
        log.append({**first, "suppression": suppression.to_json()}, {})
        for start in range(0, len(rows), REWRITE_ROWS):
            some = rows[start : start + REWRITE_ROWS]
            columns = {name: self._table[name][some] for name in LAYOUT}
            columns["embeddings"] = self._vectors.take(some)
            if self._scenes is not None:
                columns["scenes"] = self._scene_rows(some)
            log.append(base, columns)
        log.mark_erased()

"""A gallery of people that stays: add, search, remove, whatever keeps it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.audit import AuditLog
from mmpsearch.gallery.detections import Detections, ModelFingerprint
from mmpsearch.gallery.file_store import FileStore
from mmpsearch.gallery.filters import Where, read_date
from mmpsearch.gallery.known_cameras import require_cameras
from mmpsearch.gallery.memory_store import FAISS_FROM
from mmpsearch.gallery.records import Records, camera_name, records_of
from mmpsearch.gallery.removal import remove_for_good
from mmpsearch.gallery.scene_search import SceneFilter, search_scenes
from mmpsearch.gallery.search_result import SearchResult
from mmpsearch.gallery.searching import GROUPS, check_queries, mean_query, search
from mmpsearch.gallery.store import FileState, Store
from mmpsearch.gallery.suppression import Entry
from mmpsearch.utils.number_ranges import SIMILARITIES, require_in


class Gallery:
    """People with where and when they were seen.

    Similarity is the cosine, and exact whatever the store: what an approximate index
    proposes is compared again.

    Args:
        store: Keeps the records.
        audit: Takes down who searched what and when; None: nothing is taken down.

    Example:
        >>> with Gallery.open("people.gallery") as gallery:
        ...     gallery.add(inferencer.detect("photos/"))
        ...     query = inferencer.embed("scene.jpg", [[10, 20, 80, 240]])
        ...     (result,) = gallery.search(query, top_k=5, threshold=0.6)
    """

    def __init__(self, store: Store, audit: AuditLog | None = None) -> None:
        self.store, self.audit = store, audit
        self._lock = threading.RLock()

    @classmethod
    def open(
        cls,
        location: str | os.PathLike,
        write: bool = True,
        backend: str = "auto",
        faiss_from: int = FAISS_FROM,
        audit: str | os.PathLike | None = None,
        **options,
    ) -> Gallery:
        """Open a gallery, or begin one.

        Args:
            location: A file; or for Milvus a name that ends with ``.db``, or
                ``http://host:19530``.
            write: Allow changes. A file has one writer at a time; without, it is
                opened for reading, which any number of processes may do.
            backend: Of files: ``auto``, ``exact`` or ``faiss``.
            faiss_from: Of files: number of people from which FAISS is used.
            audit: File that takes down searches and removals.
            options: Of Milvus, see ``MilvusStore``: ``token``, ``collection``, ...

        Raises:
            GalleryError: It cannot be read, or another process writes it.
            ImportError: The package for it is not installed; the message names it.
        """
        log = AuditLog(audit) if audit is not None else None
        if is_milvus(location):
            from mmpsearch.gallery.milvus_store import MilvusStore  # an extra

            return cls(MilvusStore(os.fspath(location), write=write, **options), log)
        if options:
            raise GalleryError(
                f"{', '.join(options)}: an option of Milvus galleries, and {location} "
                "is a file"
            )
        return cls(FileStore(location, write, backend, faiss_from), log)

    def __enter__(self) -> Gallery:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __len__(self) -> int:
        """Number of people."""
        return len(self.store)

    @property
    def dimension(self) -> int | None:
        """Length of an embedding; None before the first one is added."""
        return self.store.dimension

    @property
    def fingerprint(self) -> ModelFingerprint | None:
        """The model whose embeddings the gallery holds; None before it is known."""
        return self.store.header.fingerprint

    @property
    def settings(self) -> dict[str, float]:
        """With which the sources were read; changed in place."""
        return self.store.header.settings

    @property
    def files(self) -> list[str]:
        """Pictures and videos that were added, those without people included."""
        return self.store.paths()

    @property
    def cameras(self) -> list[str]:
        """Names of the cameras; ``""`` where somebody's camera is unknown."""
        return self.store.cameras()

    @property
    def suppressed(self) -> list[Entry]:
        """Who must not come back."""
        return self.store.suppression.entries

    def column(self, name: str) -> np.ndarray:
        """One value per person, in the order of adding.

        Args:
            name: A column of ``Records``, such as ``paths``, ``cameras`` (names,
                ``""`` for unknown), ``times`` or ``embeddings``.
        """
        return self.store.column(name)

    def records(self, size: int = 8192) -> Iterator[Records]:
        """Everybody, in pieces, in the order of adding."""
        return self.store.batches(size)

    def is_current(self, path: str | os.PathLike) -> bool:
        """Whether the file was added and has not changed since (size, time stamp)."""
        known = self.store.file_state(os.path.abspath(path))
        return known is not None and known == FileState.of(path)

    # changing ----------------------------------------------------------------

    def add(
        self,
        detections: Detections | Iterable[Detections],
        camera: str | int | None = None,
    ) -> np.ndarray:
        """Add the people of one picture or of several.

        Who is on the suppression list is left out.

        Args:
            detections: What an inferencer's ``detect`` returns.
            camera: The camera's name, or its number; None: what the detections say.

        Returns:
            (n,) int64, the new people's ids.

        Raises:
            GalleryError: Embeddings of another model or length, not finite, or
                anything else that a gallery cannot hold.
        """
        single = isinstance(detections, Detections)
        with self._lock:
            ids = [
                self._add_one(one, camera)
                for one in ([detections] if single else detections)
            ]
        return np.concatenate(ids) if ids else np.empty(0, np.int64)

    def _add_one(self, found: Detections, camera: str | int | None) -> np.ndarray:
        self.check_model(found.fingerprint)
        records = records_of(found, 0, time.time(), camera)
        ids = self.add_records(records)
        if self.fingerprint is None and not len(self) - len(ids):
            self.store.header.fingerprint = found.fingerprint
        if self.store.suppression.allows_file(found.path):
            state = self.store.file_state(found.path)
            now = FileState.of(found.path)
            if state != now:
                self.store.set_file(found.path, now)
        return ids

    def add_records(self, records: Records) -> np.ndarray:
        """Add records under new ids; who is on the suppression list is left out.

        Raises:
            GalleryError: Embeddings of another length.
        """
        with self._lock:
            records = records.take(self.store.suppression.allowed(records))
            if not len(records):
                return np.empty(0, np.int64)
            length = records.embeddings.shape[1]
            if self.dimension not in (None, length):
                raise GalleryError(
                    f"embeddings of length {length} do not fit the gallery's length "
                    f"{self.dimension}"
                )
            first = self.store.reserve_ids(len(records))
            records = records.with_ids(np.arange(first, first + len(records)))
            self.store.add(records)
            return records.ids

    def remove(
        self,
        path: str | os.PathLike | None = None,
        ids: Iterable[int] | None = None,
        *,
        camera: str | int | None = None,
        before: str | float | date | datetime | None = None,
        suppress: bool = True,
        reason: str = "",
    ) -> int:
        """Remove the people of a file or camera, old ones, or single people by id.

        Args:
            path: A file.
            ids: People.
            camera: A camera's name.
            before: A date; everybody seen before, see ``Records.moments``.
            suppress: They must not come back, whatever is indexed, copied or restored.
            reason: Kept in the suppression list.

        Returns:
            How many people were removed.

        Raises:
            KeyError: The gallery does not hold that file, or one of the ids.
            GalleryError: It holds nobody of that camera; the cameras are named.
            ValueError: None or several of the four were given.
        """
        if sum(value is not None for value in (path, ids, camera, before)) != 1:
            raise ValueError("remove takes one of path, ids, camera and before")
        with self._lock:
            if path is not None:
                path = os.path.abspath(path)
                if self.store.file_state(path) is None:
                    raise KeyError(f"the gallery holds no file {path}")
                where, shown = Where(paths=frozenset([path])), path
            elif ids is not None:
                wanted = np.fromiter(ids, np.int64)
                unknown = np.setdiff1d(wanted, self.store.fetch(wanted).ids)
                if len(unknown):
                    raise KeyError(
                        f"the gallery holds nobody with id {unknown.tolist()}"
                    )
                where, shown = Where(ids=wanted), wanted.tolist()
            elif camera is not None:
                shown = camera_name(camera)
                require_cameras(self.store, [shown])
                where = Where(cameras=frozenset([shown]))
            else:
                where, shown = Where(before=read_date(before)), before
            count = remove_for_good(self.store, where, suppress, reason)
        if self.audit is not None:
            self.audit.write("remove", what=str(shown), people=count, reason=reason)
        return count

    def allow_again(self, keys: Iterable[str]) -> int:
        """Lift suppressions by their keys; the people come back when indexed again.

        Files in which they may be count as changed, so that they are read again.

        Returns:
            How many were lifted.
        """
        with self._lock:
            keys = set(keys)
            lifted = [entry for entry in self.suppressed if entry.key in keys]
            count = self.store.suppression.lift(keys)
            for path in self._may_show(lifted):
                self.store.set_file(path, FileState(-1, -1))
            return count

    def _may_show(self, entries: Iterable[Entry]) -> set[str]:
        files, kinds = set(self.files), {entry.kind for entry in entries}
        if "before" in kinds:
            return files
        found = files & {entry.path for entry in entries if entry.kind == "person"}
        if "camera" in kinds:  # nobody is left in its files
            found |= files - set(self.column("paths").tolist())
        return found

    # searching ---------------------------------------------------------------

    def search(
        self,
        embeddings: np.ndarray,
        top_k: int = 10,
        threshold: float | None = None,
        *,
        fingerprint: ModelFingerprint | None = None,
        allowed: np.ndarray | None = None,
        where: Where | None = None,
        one_per_image: bool = False,
        one_per: str | None = None,
        combine: str | None = None,
        scenes: SceneFilter | None = None,
        asked: object = None,
    ) -> list[SearchResult]:
        """Find the people most similar to each query.

        Args:
            embeddings: (Q, D) or (D,) queries, of any length but zero.
            top_k: Matches wanted per query.
            threshold: Cosine similarity that a match must reach. With it the answer
                may be "no such person" (``result.found`` is False).
            fingerprint: The model that made the queries
                (``PersonSearchInferencer.fingerprint``); checked when given.
            allowed: (N,) bool in the order of ``column``; only these people are
                compared.
            where: Cameras, times and files that are looked at, see
                ``mmpsearch.gallery.where``.
            one_per_image: As ``one_per="image"``.
            one_per: Give the best match only: ``"image"``, of each picture or frame,
                where a person is at most once; ``"track"``, of each track.
            combine: The queries are pictures of one person: ``"mean"`` of their
                embeddings, or ``"max"``, the most similar picture.
            scenes: What the queries ask of scenes, a row each: similarities are
                weighted, and scenes that cannot hold the person may be left out.
                Everybody's scene must be known.
            asked: What the audit log takes down of the queries, such as their
                pictures; None: how many they are.

        Returns:
            One result per query; a single one with ``combine``.

        Raises:
            GalleryError: Queries of another model or length, zero, or not finite.
            InputError: A threshold that no cosine can be.
            ValueError: ``top_k`` below 1, a mask of another length, or an unknown way.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        require_in("threshold", threshold, *SIMILARITIES)
        one_per = "image" if one_per_image else one_per
        if one_per not in (None, *GROUPS):
            raise ValueError(f"one_per={one_per!r} is none of {', '.join(GROUPS)}")
        if combine not in (None, "mean", "max"):
            raise ValueError(f"combine={combine!r} is neither mean nor max")
        with self._lock:
            self.store.refresh()
            self.check_model(fingerprint)
            queries = check_queries(embeddings, self.dimension)
            if scenes is not None and len(scenes.queries) != len(queries):
                raise ValueError(
                    f"{len(queries)} queries, but {len(scenes.queries)} of scenes"
                )
            where = self._where(where or Where(), allowed)
            asked = len(queries) if asked is None else asked
            if combine == "mean":
                queries = mean_query(queries)
            options = (top_k, threshold, where, one_per)
            people = [queries] if combine else [query[None] for query in queries]
            if scenes is None:
                results = [search(self.store, one, *options) for one in people]
            else:
                own = [scenes] if combine else scenes.of_each()
                results = [
                    search_scenes(self.store, one, scene, *options)
                    for one, scene in zip(people, own, strict=True)
                ]
        if self.audit is not None:
            self.audit.write(
                "search",
                query=asked,
                gallery=self.store.location,
                cameras=sorted(where.cameras) if where.cameras is not None else None,
                threshold=threshold,
                searched=max((result.searched for result in results), default=0),
                found=sum(len(result.matches) for result in results),
            )
        return results

    def _where(self, where: Where, allowed: np.ndarray | None) -> Where:
        if allowed is None:
            return where
        if np.shape(allowed) != (len(self),):
            raise ValueError(f"allowed must have the shape ({len(self)},)")
        ids = self.column("ids")[np.asarray(allowed, bool)]
        if where.ids is not None:
            ids = np.intersect1d(ids, where.ids)
        return replace(where, ids=ids)

    def check_model(self, fingerprint: ModelFingerprint | None) -> None:
        """Refuse embeddings that another model made.

        Raises:
            GalleryError: Both models are known and their weights differ.
        """
        if fingerprint is None or self.fingerprint is None:
            return
        if fingerprint.sha256 != self.fingerprint.sha256:
            raise GalleryError(
                f"the gallery was made by {self.fingerprint}, the embeddings by "
                f"{fingerprint}: similarities between two models mean nothing; "
                "index the pictures again with the model in use"
            )

    @contextmanager
    def held(self) -> Iterator[Gallery]:
        """While it lasts, no other thread of this process changes the gallery."""
        with self._lock:
            yield self

    def flush(self) -> None:
        """Make all changes durable."""
        with self._lock:
            self.store.flush()

    def close(self) -> None:
        """Flush, and let others write."""
        with self._lock:
            self.store.close()


def is_milvus(location: str | os.PathLike) -> bool:
    """Whether a location means Milvus: a server's address, or a ``.db`` file."""
    text = os.fspath(location)
    return "://" in text or text.endswith(".db")

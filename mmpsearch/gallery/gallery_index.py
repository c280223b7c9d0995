"""A gallery of people that stays: add, search, remove, save, load."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import Detections, ModelFingerprint, normalise
from mmpsearch.gallery.gallery_columns import GalleryColumns
from mmpsearch.gallery.gallery_file import (
    GalleryContent,
    IndexedFile,
    read_gallery,
    write_gallery,
)
from mmpsearch.gallery.nearest import NearestRows
from mmpsearch.gallery.records import records_of
from mmpsearch.gallery.search_result import Match, SearchResult, known

# Below, NumPy was as fast or faster (128 values per person, one CPU core).
FAISS_FROM = 1_000_000


class GalleryIndex:
    """Embeddings of people with where and when they were seen.

    Similarity is the cosine. Search is exact with either backend of
    ``NearestRows``: ``auto`` takes FAISS from ``faiss_from`` people on when it is
    installed, and block-wise matrix products otherwise.

    Args:
        fingerprint: The model whose embeddings the gallery holds. None: taken from
            the first detections that are added.
        backend: ``auto``, ``exact`` or ``faiss``.
        faiss_from: Size from which ``auto`` uses FAISS.

    Raises:
        ImportError: ``backend="faiss"`` without FAISS; the message names the extra.

    Example:
        >>> index = GalleryIndex()
        >>> index.add(inferencer.detect("photos/"))
        >>> index.save("gallery.npz")
        >>> query = inferencer.embed("scene.jpg", [[10, 20, 80, 240]])
        >>> index.search(query, top_k=5, threshold=0.6)[0].found
    """

    def __init__(
        self,
        fingerprint: ModelFingerprint | None = None,
        backend: str = "auto",
        faiss_from: int = FAISS_FROM,
    ) -> None:
        self.fingerprint = fingerprint
        self.settings: dict[str, float] = {}
        self._columns = GalleryColumns()
        self._files: dict[str, IndexedFile] = {}
        self._cameras: list[str] = []
        self._next_id = 0
        self._next_file = 0
        self._nearest = NearestRows(backend, faiss_from)

    def __len__(self) -> int:
        """Number of people."""
        return len(self._columns)

    @property
    def dimension(self) -> int | None:
        """Length of an embedding; None before the first one is added."""
        return self._columns.dimension

    @property
    def files(self) -> list[str]:
        """Pictures and videos that were added, those without people included."""
        return list(self._files)

    def column(self, name: str) -> np.ndarray:
        """One value per person, in the order of adding.

        Args:
            name: A column of ``Records``, such as ``paths``, ``cameras`` (names,
                ``""`` for unknown), ``times`` or ``embeddings``.
        """
        if name == "cameras":
            names = np.array([*self._cameras, ""], object)
            return names[self._columns["cameras"]]
        if name == "paths":
            paths = self._paths()
            return np.array([paths[n] for n in self._columns["files"]], dtype=object)
        return self._columns[name]

    def _paths(self) -> dict[int, str]:
        return {file.number: path for path, file in self._files.items()}

    def is_from(self, path: str | os.PathLike) -> np.ndarray:
        """(N,) bool, whether a person was seen in that picture or video."""
        known = self._files.get(os.path.abspath(path))
        return self._columns["files"] == (-1 if known is None else known.number)

    def is_current(self, path: str | os.PathLike) -> bool:
        """Whether the file was added and has not changed since (size, time stamp)."""
        known = self._files.get(os.path.abspath(path))
        return known is not None and known == IndexedFile.of(path, known.number)

    def add(
        self,
        detections: Detections | Iterable[Detections],
        camera: str | int | None = None,
    ) -> np.ndarray:
        """Add the people of one picture or of several.

        Args:
            detections: What ``PersonSearchInferencer.detect`` returns.
            camera: The camera's name, or its number; None: what the detections say.

        Returns:
            (n,) int64, the new people's ids.

        Raises:
            GalleryError: Embeddings of another model or length, not finite, or
                anything else that a gallery cannot hold.
        """
        if isinstance(detections, Detections):
            return self._add_one(detections, camera)
        ids = [self._add_one(one, camera) for one in detections]
        return np.concatenate(ids) if ids else np.empty(0, np.int64)

    def _add_one(
        self, found: Detections, camera: str | int | None = None
    ) -> np.ndarray:
        self.check_model(found.fingerprint)
        new = records_of(found, self._next_id, time.time(), camera)
        self._check_embeddings(new.embeddings)
        if self.fingerprint is None and not len(self):
            self.fingerprint = found.fingerprint
        if found.path not in self._files:
            self._files[found.path] = IndexedFile.of(found.path, self._next_file)
            self._next_file += 1
        if len(new):
            columns = dict(new.columns())
            del columns["scenes"]
            name, count = columns["cameras"][0], len(new)
            columns["cameras"] = np.full(count, self._camera_number(name))
            columns["files"] = np.full(
                count, self._files[columns.pop("paths")[0]].number
            )
            self._columns.append(columns)
            self._next_id += count
        return new.ids

    def _camera_number(self, name: str) -> int:
        if not name:
            return -1
        if name not in self._cameras:
            self._cameras.append(name)
        return self._cameras.index(name)

    def remove(
        self,
        path: str | os.PathLike | None = None,
        ids: Iterable[int] | None = None,
    ) -> int:
        """Remove the people of one file, or single people by id.

        Returns:
            How many people were removed.

        Raises:
            KeyError: The gallery does not hold that file, or one of the ids.
            ValueError: Neither or both of the two were given.
        """
        if (path is None) == (ids is None):
            raise ValueError("remove takes either a path or ids")
        if ids is not None:
            wanted = np.fromiter(ids, np.int64)
            unknown = np.setdiff1d(wanted, self._columns["ids"])
            if len(unknown):
                raise KeyError(f"the gallery holds nobody with id {unknown.tolist()}")
            return self._keep(~np.isin(self._columns["ids"], wanted))
        known = os.fspath(path)
        if known not in self._files:
            known = os.path.abspath(known)
        if known not in self._files:
            raise KeyError(f"the gallery does not hold the file {os.fspath(path)}")
        number = self._files.pop(known).number
        return self._keep(self._columns["files"] != number)

    def _keep(self, mask: np.ndarray) -> int:
        self._columns.keep(mask)
        return int((~mask).sum())

    def search(
        self,
        embeddings: np.ndarray,
        top_k: int = 10,
        threshold: float | None = None,
        *,
        fingerprint: ModelFingerprint | None = None,
        allowed: np.ndarray | None = None,
        one_per_image: bool = False,
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
                compared (e.g. other cameras, other pictures than the query's).
            one_per_image: Give the best match of each picture or frame only: a person
                is in a scene at most once.

        Returns:
            One result per query.

        Raises:
            GalleryError: Queries of another model or length, zero, or not finite.
            ValueError: ``top_k`` below 1, or a mask of another length.
        """
        queries = np.atleast_2d(np.asarray(embeddings, np.float32))
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        self.check_model(fingerprint)
        self._check_embeddings(queries)
        if not queries.any(axis=1).all():
            raise GalleryError("a query embedding of zeros has no direction")
        queries = normalise(queries)
        if allowed is not None and np.shape(allowed) != (len(self),):
            raise ValueError(f"allowed must have the shape ({len(self)},)")
        searched = len(self) if allowed is None else int(np.sum(allowed))
        vectors = self._columns["embeddings"]
        if searched == 0:
            return [SearchResult([], None, threshold, 0) for _ in queries]
        if one_per_image:
            rows, similarities = self._nearest.search_one_per_group(
                queries, vectors, top_k, self._images(), allowed
            )
        else:
            rows, similarities = self._nearest.search(queries, vectors, top_k, allowed)
        paths = self._paths()
        return [
            self._result(line, values, threshold, searched, paths)
            for line, values in zip(rows, similarities, strict=True)
        ]

    def _images(self) -> np.ndarray:
        """(N,) int64, one number per picture or video frame."""
        frames = self._columns["frames"] + 1  # 0 for a still picture
        return self._columns["files"] * (frames.max() + 1) + frames

    def _result(
        self,
        rows: np.ndarray,
        similarities: np.ndarray,
        threshold: float | None,
        searched: int,
        paths: dict[int, str],
    ) -> SearchResult:
        ranked = [
            self._match(rank, int(row), float(similarity), paths)
            for rank, (row, similarity) in enumerate(
                zip(rows, similarities, strict=True), start=1
            )
        ]
        reached = [m for m in ranked if threshold is None or m.similarity >= threshold]
        return SearchResult(reached, ranked[0] if ranked else None, threshold, searched)

    def _match(
        self, rank: int, row: int, similarity: float, paths: dict[int, str]
    ) -> Match:
        table = self._columns
        camera = int(table["cameras"][row])
        return Match(
            rank=rank,
            similarity=similarity,
            id=int(table["ids"][row]),
            path=paths[int(table["files"][row])],
            box=table["boxes"][row].copy(),
            score=float(table["scores"][row]),
            camera=self._cameras[camera] if camera >= 0 else "",
            time=known(table["times"][row]),
            frame=int(table["frames"][row]),
            track=int(table["tracks"][row]),
            start=known(table["starts"][row]),
            end=known(table["ends"][row]),
            clock=known(table["clocks"][row]),
        )

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

    def _check_embeddings(self, embeddings: np.ndarray) -> None:
        if np.ndim(embeddings) != 2:
            raise GalleryError(
                f"embeddings of shape {np.shape(embeddings)}, not (N, D)"
            )
        if len(embeddings) and self.dimension not in (None, embeddings.shape[1]):
            raise GalleryError(
                f"embeddings of length {embeddings.shape[1]} do not fit the gallery's "
                f"length {self.dimension}"
            )
        if not np.isfinite(embeddings).all():
            raise GalleryError("there are embeddings that are not finite")

    def save(self, path: str | os.PathLike) -> None:
        """Write everything to one ``.npz`` file, replacing it in one step."""
        content = GalleryContent(
            columns=self._columns.as_dict(),
            files=self._files,
            fingerprint=self.fingerprint,
            settings=self.settings,
            next_id=self._next_id,
            cameras=self._cameras,
        )
        write_gallery(path, content)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike,
        backend: str = "auto",
        faiss_from: int = FAISS_FROM,
    ) -> GalleryIndex:
        """Read a gallery that ``save`` wrote.

        Raises:
            GalleryError: Missing, damaged, not a gallery, or of a newer version.
        """
        content = read_gallery(path)
        index = cls(content.fingerprint, backend, faiss_from)
        index.settings = content.settings
        index._files = content.files
        index._next_id = content.next_id
        index._cameras = list(content.cameras)
        numbers = [file.number for file in content.files.values()]
        index._next_file = max(numbers, default=-1) + 1
        if len(content.columns["ids"]):
            index._columns.append(content.columns)
        return index

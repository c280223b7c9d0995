"""A gallery in memory that is saved and loaded by hand."""

from __future__ import annotations

import os

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import ModelFingerprint
from mmpsearch.gallery.file_store import FileStore
from mmpsearch.gallery.gallery import Gallery, is_milvus
from mmpsearch.gallery.memory_store import FAISS_FROM


class GalleryIndex(Gallery):
    """A ``Gallery`` whose changes stay in memory until ``save``.

    Use ``Gallery.open`` for one that is written while it is filled.

    Args:
        fingerprint: The model whose embeddings the gallery holds. None: taken from
            the first detections that are added.
        backend: ``auto``, ``exact`` (NumPy) or ``faiss``.
        faiss_from: Size from which ``auto`` uses FAISS.

    Raises:
        ImportError: ``backend="faiss"`` without FAISS; the message names the extra.

    Example:
        >>> index = GalleryIndex()
        >>> index.add(inferencer.detect("photos/"))
        >>> index.save("photos.gallery")
        >>> query = inferencer.embed("scene.jpg", [[10, 20, 80, 240]])
        >>> index.search(query, top_k=5, threshold=0.6)[0].found
    """

    store: FileStore

    def __init__(
        self,
        fingerprint: ModelFingerprint | None = None,
        backend: str = "auto",
        faiss_from: int = FAISS_FROM,
    ) -> None:
        super().__init__(FileStore(backend=backend, faiss_from=faiss_from))
        self.store.header.fingerprint = fingerprint
        self._options = (backend, faiss_from)

    def save(self, path: str | os.PathLike) -> None:
        """Write to a file.

        Only what is new is written where the file is the one that was loaded or
        saved before; another file is replaced in one step. A list of suppressed
        people that lies beside the file stays in force.

        Raises:
            GalleryError: Another process writes the file or wrote it since it was
                read, or it is not a gallery.
        """
        path = os.path.abspath(path)
        with self._lock:
            if self.store.location == path:
                self.store.begin_writing()
                try:
                    self.store.flush()
                finally:
                    self.store.end_writing()
                return
            target = FileStore(path)
            try:
                target.replace_by(self.store)
            finally:
                target.close()
            self.store.close()
            self.store = FileStore(path, False, *self._options, follow=False)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike,
        backend: str = "auto",
        faiss_from: int = FAISS_FROM,
    ) -> GalleryIndex:
        """Read a gallery file; changes stay in memory until ``save``.

        Raises:
            GalleryError: Missing, damaged, not a gallery, or of a newer version.
        """
        if is_milvus(path):
            raise GalleryError(f"{path} is a Milvus gallery: use Gallery.open")
        index = cls(None, backend, faiss_from)
        index.store = FileStore(path, False, backend, faiss_from, follow=False)
        return index

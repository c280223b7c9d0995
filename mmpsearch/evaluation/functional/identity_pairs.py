"""Which gallery images match a query, and which a protocol leaves out."""

from typing import Any

import numpy as np

from mmpsearch.evaluation.functional.distance_rows import as_array


def _labels(values: Any, name: str) -> np.ndarray:
    array = as_array(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.dtype.kind == "f" and np.array_equal(array, np.trunc(array)):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub" and array.size:
        raise ValueError(f"{name} must be integers, got dtype {array.dtype}")
    return array.astype(np.int64)


class IdentityPairs:
    """Matches and left-out images per query, found without comparing all pairs.

    A gallery image *matches* a query when it shows the same identity in another
    camera. One of the same identity **and** the same camera is *left out* of the
    query's ranking. Without cameras nothing is left out; a negative camera means
    unknown and is never the same as another.

    Args:
        query_ids: ``(Q,)`` integers.
        gallery_ids: ``(G,)`` integers.
        query_cameras: ``(Q,)`` integers, or None together with ``gallery_cameras``.
        gallery_cameras: ``(G,)`` integers or None.

    Raises:
        ValueError: empty lists, wrong shapes, types or lengths.
    """

    def __init__(
        self,
        query_ids: Any,
        gallery_ids: Any,
        query_cameras: Any = None,
        gallery_cameras: Any = None,
    ) -> None:
        self.query_ids = _labels(query_ids, "query_ids")
        self.gallery_ids = _labels(gallery_ids, "gallery_ids")
        for name, ids in (("query", self.query_ids), ("gallery", self.gallery_ids)):
            if not len(ids):
                raise ValueError(
                    f"the {name} list is empty (len({name}_ids) = 0); check the data "
                    f"root and the {name} split"
                )
        if (query_cameras is None) != (gallery_cameras is None):
            raise ValueError(
                "query_cameras and gallery_cameras must be given both or neither"
            )
        if query_cameras is None:
            query_cameras = np.full(len(self.query_ids), -1)
            gallery_cameras = np.full(len(self.gallery_ids), -1)
        self.query_cameras = _labels(query_cameras, "query_cameras")
        self.gallery_cameras = _labels(gallery_cameras, "gallery_cameras")
        for name in ("query", "gallery"):
            ids = len(getattr(self, f"{name}_ids"))
            cameras = len(getattr(self, f"{name}_cameras"))
            if ids != cameras:
                raise ValueError(
                    f"{name}_ids has {ids} entries but {name}_cameras has {cameras}"
                )
        # The gallery grouped by identity; within one, in ascending gallery index.
        self._order = np.argsort(self.gallery_ids, kind="stable")
        grouped = self.gallery_ids[self._order]
        self._first = np.searchsorted(grouped, self.query_ids, side="left")
        self._last = np.searchsorted(grouped, self.query_ids, side="right")

    @property
    def shape(self) -> tuple[int, int]:
        """``(Q, G)``."""
        return len(self.query_ids), len(self.gallery_ids)

    def check_shape(self, shape: tuple[int, int]) -> None:
        """Raise ValueError unless a distance matrix of ``shape`` fits the labels."""
        if tuple(shape) != self.shape:
            raise ValueError(
                f"distances has shape {tuple(shape)} but there are {self.shape[0]} "
                f"query_ids and {self.shape[1]} gallery_ids"
            )

    def of_query(self, query: int) -> tuple[np.ndarray, np.ndarray]:
        """Gallery indices (matches, left out) of one query, both ascending."""
        same = self._order[self._first[query] : self._last[query]]
        camera = self.query_cameras[query]
        if camera < 0:
            return same, same[:0]
        left_out = self.gallery_cameras[same] == camera
        return same[~left_out], same[left_out]

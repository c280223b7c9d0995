"""Distances between queries and a gallery, produced a few rows at a time.

The functions of this package that rank a gallery read distances through
:class:`DistanceRows`, so that a matrix that exists and one that is computed piece by
piece from embeddings look the same, and the latter never exists as a whole.
"""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F

Metric = Literal["cosine", "euclidean", "squared_euclidean"]
METRICS = ("cosine", "euclidean", "squared_euclidean")
BLOCK_BYTES = 128 * 2**20


def as_array(values: Any) -> np.ndarray:
    """A NumPy view (or copy) of an array, tensor or nested list.

    Half-precision floats become float32, which changes no value and no order.
    """
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        if values.dtype in (torch.float16, torch.bfloat16):
            values = values.float()
        return values.numpy()
    array = np.asarray(values)
    return array.astype(np.float32) if array.dtype == np.float16 else array


def as_embeddings(values: Any, name: str) -> torch.Tensor:
    """A ``(N, D)`` float32 or float64 tensor on the device of ``values``.

    Raises:
        ValueError: when ``values`` is not two-dimensional or not finite; the message
            carries ``name``.
    """
    tensor = (
        values.detach()
        if isinstance(values, torch.Tensor)
        else torch.as_tensor(np.ascontiguousarray(as_array(values)))
    )
    if tensor.ndim != 2:
        raise ValueError(
            f"{name} must have shape (N, D), got {tuple(tensor.shape)}; "
            "flatten each image's feature to one row"
        )
    if tensor.dtype != torch.float64:
        tensor = tensor.float()
    if not torch.isfinite(tensor).all():
        raise ValueError(
            f"{name} contains NaN or infinity; look for a diverged model or an "
            "overflow of half precision"
        )
    return tensor


class DistanceRows:
    """Rows of a ``(Q, G)`` distance matrix on demand.

    Attributes:
        shape: ``(Q, G)``.
        itemsize: bytes of one distance, used to choose how many rows make a block.
    """

    shape: tuple[int, int]
    itemsize: int = 4

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Distances of queries ``start`` to ``stop``, shape ``(stop - start, G)``."""
        raise NotImplementedError

    def blocks(self, block_size: int | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """Yield ``(first query, rows)`` for all queries, in order.

        Args:
            block_size: rows per block; by default as many as fit into 128 MiB.

        Raises:
            ValueError: when a distance is NaN.
        """
        num_queries, num_gallery = self.shape
        if block_size is None:
            block_size = BLOCK_BYTES // max(1, num_gallery * self.itemsize)
        for start in range(0, num_queries, max(1, block_size)):
            block = self.rows(start, min(start + max(1, block_size), num_queries))
            if block.dtype.kind == "f" and block.size and np.isnan(block.min()):
                bad = start + int(np.flatnonzero(np.isnan(block).any(axis=1))[0])
                raise ValueError(
                    f"distances contains NaN in the row of query {bad}; look for "
                    "zero vectors or a diverged model"
                )
            yield start, block

    def toarray(self) -> np.ndarray:
        """The whole ``(Q, G)`` matrix."""
        return np.concatenate([block for _, block in self.blocks()])


class MatrixRows(DistanceRows):
    """Rows of a matrix that exists (array, tensor, or memory map)."""

    def __init__(self, matrix: Any) -> None:
        self._matrix = as_array(matrix)
        if self._matrix.ndim != 2 or self._matrix.dtype.kind not in "fiub":
            raise ValueError(
                "distances must be a (num_query, num_gallery) matrix of numbers or a "
                "pair (query_embeddings, gallery_embeddings), got shape "
                f"{self._matrix.shape} and dtype {self._matrix.dtype}"
            )
        self.shape = self._matrix.shape
        self.itemsize = self._matrix.itemsize

    def rows(self, start: int, stop: int) -> np.ndarray:
        return np.ascontiguousarray(self._matrix[start:stop])


class EmbeddingRows(DistanceRows):
    """Distances between two sets of embeddings, multiplied out block by block.

    Args:
        query_embeddings: ``(Q, D)``, any float type; need not be normalised.
        gallery_embeddings: ``(G, D)``.
        metric: ``cosine`` is ``1 - cos`` (of L2-normalised copies), ``euclidean`` the
            plain and ``squared_euclidean`` the squared L2 distance.

    The product runs on the embeddings' device, in float32 (float64 where given).
    Blocks of another size may differ in the last bit, as matrix products do.
    """

    def __init__(
        self, query_embeddings: Any, gallery_embeddings: Any, metric: Metric = "cosine"
    ) -> None:
        if metric not in METRICS:
            raise ValueError(f"metric must be one of {METRICS}, got {metric!r}")
        query = as_embeddings(query_embeddings, "query_embeddings")
        gallery = as_embeddings(gallery_embeddings, "gallery_embeddings")
        if query.shape[1] != gallery.shape[1]:
            raise ValueError(
                f"query_embeddings have {query.shape[1]} dimensions but "
                f"gallery_embeddings have {gallery.shape[1]}; embed both with one model"
            )
        dtype = torch.promote_types(query.dtype, gallery.dtype)
        self._query = query.to(dtype)
        self._gallery = gallery.to(self._query)
        self._metric = metric
        if metric == "cosine":
            self._query = F.normalize(self._query, dim=1)
            self._gallery = F.normalize(self._gallery, dim=1)
        else:
            self._query_norms = self._query.square().sum(dim=1, keepdim=True)
            self._gallery_norms = self._gallery.square().sum(dim=1)
        self.shape = (len(query), len(gallery))
        self.itemsize = self._query.element_size()

    def rows(self, start: int, stop: int) -> np.ndarray:
        block = self._query[start:stop] @ self._gallery.T
        if self._metric == "cosine":
            block.neg_().add_(1)
        else:
            block.mul_(-2).add_(self._query_norms[start:stop])
            block.add_(self._gallery_norms).clamp_(min=0)
            if self._metric == "euclidean":
                block.sqrt_()
        return block.cpu().numpy()


def distance_rows(distances: Any, metric: Metric = "cosine") -> DistanceRows:
    """Read ``distances`` in any accepted form.

    Args:
        distances: a ``(Q, G)`` matrix, a pair ``(query_embeddings,
            gallery_embeddings)`` of two-dimensional arrays, or a
            :class:`DistanceRows`.
        metric: used for a pair of embeddings only.
    """
    if isinstance(distances, DistanceRows):
        return distances
    if isinstance(distances, tuple | list) and len(distances) == 2:
        if all(np.ndim(part) == 2 for part in distances):
            return EmbeddingRows(*distances, metric=metric)
    return MatrixRows(distances)


def smallest_per_row(block: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` smallest entries of each row, ascending, ties by column index.

    Args:
        block: ``(B, N)`` floats with ``k <= N``.

    Returns:
        column indices int64 and values, both ``(B, k)``.
    """
    width = block.shape[1]
    values, columns = torch.topk(
        torch.from_numpy(block), min(k + 1, width), dim=1, largest=False
    )
    values, columns = values.numpy(), columns.numpy()
    if k < width:  # which of several equal entries topk returns is undefined
        for row in np.flatnonzero(values[:, k - 1] == values[:, k]):
            columns[row, :k] = np.argsort(block[row], kind="stable")[:k]
            values[row, :k] = block[row, columns[row, :k]]
    values, columns = values[:, :k], columns[:, :k]
    order = np.lexsort((columns, values), axis=-1)
    return np.take_along_axis(columns, order, 1), np.take_along_axis(values, order, 1)

"""The k-reciprocal encoding of Zhong et al. (CVPR 2017) on sparse neighbour lists."""

from collections.abc import Callable

import numpy as np
from scipy import sparse

ROWS_AT_ONCE = 4096

PairDistance = Callable[[np.ndarray, np.ndarray], np.ndarray]


def k_reciprocal_encoding(
    neighbours: np.ndarray, distance: PairDistance, k1: int, k2: int
) -> sparse.csr_array:
    """Describe every image by its expanded set of reciprocal neighbours.

    Args:
        neighbours: ``(N, K)`` integers, each image's nearest images, nearest first
            (normally itself). What is asked of shorter lists than
            ``max(k1 + 1, k2)`` ends with them.
        distance: maps index arrays ``rows, columns`` to the normalised distances of
            these pairs.
        k1: length of the reciprocal lists, the image itself not counted.
        k2: how many neighbours' encodings are averaged (equation 11); 1 for none.

    Returns:
        ``(N, N)`` float32. A row sums to 1 and holds ``exp(-distance)``, normalised
        (equation 7), at the members of the expanded set (equation 5).
    """
    num_images = len(neighbours)
    # Sets as 0/1 matrices: row i holds the set of image i.
    reciprocal = _reciprocal(neighbours[:, : k1 + 1])
    half = _reciprocal(neighbours[:, : round(k1 / 2) + 1])
    half_sizes = np.diff(half.indptr)
    encoded = []
    for start in range(0, num_images, ROWS_AT_ONCE):
        own = reciprocal[start : start + ROWS_AT_ONCE]
        # |own set of i  intersected with  half set of c|, for c in the set of i.
        shared = (own @ half.T).multiply(own).tocsr()
        merge = 3 * shared.data > 2 * half_sizes[shared.indices]
        shared.data = merge.astype(np.int32)
        shared.eliminate_zeros()
        members = (own + shared @ half).tocoo()
        weights = np.exp(-distance(members.row + start, members.col))
        part = sparse.csr_array((weights, (members.row, members.col)), members.shape)
        sums = np.repeat(part.sum(axis=1), np.diff(part.indptr))
        part.data /= sums
        encoded.append(part)
    encoding = sparse.vstack(encoded, format="csr").astype(np.float32)
    if k2 > 1:
        nearest = neighbours[:, :k2]
        encoding = (_indicator(nearest, np.float32) / nearest.shape[1]) @ encoding
    return encoding


def shared_weight(
    encoding: sparse.csr_array, inverted: sparse.csc_array, row: int
) -> np.ndarray:
    """How much of one image's encoding every other image's shares.

    The Jaccard distance of two encodings, whose weights sum to 1, is
    ``1 - shared / (2 - shared)`` (equation 10).

    Args:
        encoding: ``(N, M)``, of :func:`k_reciprocal_encoding`.
        inverted: ``(G, M)``, the encodings to compare with, by columns.
        row: the image.

    Returns:
        ``(G,)`` float64, the sum of the smaller weights.
    """
    own = slice(*encoding.indptr[row : row + 2])
    columns, weights = encoding.indices[own], encoding.data[own]
    first = inverted.indptr[columns]
    counts = inverted.indptr[columns + 1] - first
    # Entries of all these columns, concatenated.
    entries = np.arange(counts.sum()) + np.repeat(
        first - np.cumsum(counts) + counts, counts
    )
    smaller = np.minimum(inverted.data[entries], np.repeat(weights, counts))
    return np.bincount(inverted.indices[entries], smaller, minlength=inverted.shape[0])


def _indicator(lists: np.ndarray, dtype: type) -> sparse.csr_array:
    """``(N, N)`` matrix with a one at ``(i, lists[i, j])``."""
    num_images, length = lists.shape
    return sparse.csr_array(
        (
            np.ones(lists.size, dtype),
            lists.ravel(),
            np.arange(0, lists.size + 1, length),
        ),
        shape=(num_images, num_images),
    )


def _reciprocal(lists: np.ndarray) -> sparse.csr_array:
    """Pairs that are on each other's list, as a symmetric 0/1 matrix."""
    listed = _indicator(lists, np.int32)
    return listed.multiply(listed.T).tocsr()

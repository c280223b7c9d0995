"""Index arithmetic for ragged arrays stored flat with offsets."""

import numpy as np


def expand_ranges(
    starts: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Concatenate the integer ranges ``[starts[i], starts[i] + counts[i])``.

    Args:
        starts: (R,) first index of every range.
        counts: (R,) length of every range, may be 0.

    Returns:
        Two (sum of counts,) int64 arrays: the indices, and for each the number of
        the range it comes from.
    """
    starts = np.asarray(starts, dtype=np.int64)
    counts = np.asarray(counts, dtype=np.int64)
    owners = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    indices = np.arange(len(owners)) - before[owners] + starts[owners]
    return indices, owners


def offsets_from_counts(counts: np.ndarray) -> np.ndarray:
    """(R,) lengths -> (R + 1,) int64 offsets starting with 0."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def first_of_each(keys: np.ndarray) -> np.ndarray:
    """Mask over (N,) integer ``keys`` that is true at each key's first occurrence."""
    mask = np.zeros(len(keys), dtype=bool)
    mask[np.unique(keys, return_index=True)[1]] = True
    return mask

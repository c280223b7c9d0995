"""How well are shuffled orders recovered?"""

import numpy as np
from scipy.optimize import linear_sum_assignment


def assign_permutations(log_affinity: np.ndarray) -> np.ndarray:
    """The permutation of greatest total log-affinity, exactly (Hungarian method).

    The greatest entry of every row need not be a permutation.

    Args:
        log_affinity: ``(N, S, S)`` of any real numbers.

    Returns:
        ``(N, S)`` int64: the column of every row.

    Raises:
        ValueError: a number is not finite.
    """
    log_affinity = np.asarray(log_affinity, dtype=np.float64)
    if not np.isfinite(log_affinity).all():
        raise ValueError("log-affinities must be finite; the model may have diverged")
    found = np.empty(log_affinity.shape[:2], dtype=np.int64)
    for row, matrix in zip(found, log_affinity, strict=True):
        row[:] = linear_sum_assignment(matrix, maximize=True)[1]
    return found


def permutation_accuracy(found: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Shares of right places and of permutations that are right throughout.

    Chance is ``1 / S`` and ``1 / S!``.

    Args:
        found: ``(N, S)`` int, ``N`` at least 1.
        truth: ``(N, S)`` int.

    Returns:
        Fractions ``(per stripe, whole)``.
    """
    right = np.asarray(found) == np.asarray(truth)
    return float(right.mean()), float(right.all(axis=1).mean())

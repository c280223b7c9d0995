"""Average precision and ranks by counting, exact also where scores are tied.

A ranking's quality depends on the positives only through one number each: how many
items score at least as high. Counting these replaces sorting labels per query.
"""

from collections.abc import Callable

import numpy as np


def average_precision(positive: np.ndarray, scores: np.ndarray) -> float:
    """Area under the precision-recall steps, ``sum_n (R_n - R_{n-1}) P_n``.

    Items with equal scores enter together, so their order does not matter; equal
    to ``sklearn.metrics.average_precision_score``.

    Args:
        positive: (N,) bool.
        scores: (N,) higher is better.

    Returns:
        Value in [0, 1]; 0 when nothing is positive.
    """
    positive = np.asarray(positive, dtype=bool)
    scores = np.asarray(scores)
    if not positive.any():
        return 0.0
    at_least = count_at_least(scores, scores[positive])
    return float(positive_precisions(at_least).mean())


def count_at_least(
    scores: np.ndarray,
    thresholds: np.ndarray,
    tolerance: float = 0.0,
    exact: Callable[[np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """How many scores reach each threshold.

    Scores may be approximations (float32 products of a matrix multiplication) of
    exact values. Then ``thresholds`` are exact, and only scores within
    ``tolerance`` of a threshold are computed again.

    Args:
        scores: (N,) scores, each within ``tolerance`` of its exact value.
        thresholds: (P,) exact thresholds.
        tolerance: Bound of the approximation error; 0 for exact scores.
        exact: Maps (K,) indices into ``scores`` to their exact float64 values;
            needed when ``tolerance`` is not 0.

    Returns:
        (P,) int64. Exact values less than 1e-12 below a threshold count as equal.
    """
    if len(thresholds) == 0:
        return np.zeros(0, dtype=np.int64)
    if tolerance == 0:
        ordered = np.sort(scores)
        return len(ordered) - np.searchsorted(ordered, thresholds, side="left")
    low = (thresholds - tolerance).astype(scores.dtype)
    high = (thresholds + tolerance).astype(scores.dtype)
    ordered = np.sort(scores[scores >= low.min()])
    possible = len(ordered) - np.searchsorted(ordered, low, side="left")
    certain = len(ordered) - np.searchsorted(ordered, high, side="right")
    counts = possible.copy()
    # where one score only is that close, it is the threshold's own
    for i in np.flatnonzero(possible - certain > 1):
        near = np.flatnonzero((scores >= low[i]) & (scores <= high[i]))
        counts[i] = certain[i] + np.sum(exact(near) >= thresholds[i] - 1e-12)
    return counts


def positive_precisions(at_least: np.ndarray) -> np.ndarray:
    """Precision at the score of every positive.

    Args:
        at_least: (P,) number of items, positives included, that score at least as
            high as each positive.

    Returns:
        (P,) float64: share of positives among them.
    """
    positives_at_least = np.searchsorted(np.sort(at_least), at_least, side="right")
    return positives_at_least / at_least


def best_rank(at_least: np.ndarray) -> int:
    """Rank (from 1) of the best positive; negatives tied with it go before it.

    Args:
        at_least: As in :func:`positive_precisions`.

    Returns:
        The rank, or 0 without positives.
    """
    if len(at_least) == 0:
        return 0
    best = at_least.min()
    return int(best - np.sum(at_least == best) + 1)

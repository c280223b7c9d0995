"""From measured similarities to the threshold that means "the same person"."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ThresholdReport:
    """A threshold and what it does on the pairs it was chosen on.

    Attributes:
        threshold: Pairs with at least this similarity are accepted.
        false_accept_rate: Share of the pairs of different people that are accepted;
            never above the wanted rate.
        true_accept_rate: Share of the pairs of the same person that are accepted;
            NaN without such pairs.
        num_same: Number of pairs of the same person.
        num_different: Number of pairs of different people.
    """

    threshold: float
    false_accept_rate: float
    true_accept_rate: float
    num_same: int
    num_different: int


def suggest_threshold(
    similarities: np.ndarray, is_same: np.ndarray, false_accept_rate: float = 0.01
) -> ThresholdReport:
    """The lowest threshold that accepts few enough pairs of different people.

    Use pairs of people the model was not trained on, from the cameras where it will
    be used: similarities do not carry over between models or kinds of pictures.

    Args:
        similarities: (N,) cosine similarities of pairs.
        is_same: (N,) bool, whether the pair shows one person.
        false_accept_rate: Largest share, 0..1, of different pairs to accept.

    Returns:
        The threshold, which lies at a measured similarity (of either kind of pair)
        or just above the largest one, and its rates.

    Raises:
        ValueError: Shapes, values or the rate do not fit; or there are too few pairs
            of different people to tell such a small rate from zero (fewer than
            1 / rate).
    """
    similarities = np.asarray(similarities, np.float64)
    is_same = np.asarray(is_same, bool)
    if similarities.ndim != 1 or similarities.shape != is_same.shape:
        raise ValueError(
            f"similarities {similarities.shape} and is_same {is_same.shape} must be "
            "two lists of the same length"
        )
    if not np.isfinite(similarities).all():
        raise ValueError("there are similarities that are not finite")
    if not 0 < false_accept_rate <= 1:
        raise ValueError(f"false_accept_rate must lie in (0, 1]: {false_accept_rate}")
    different = np.sort(similarities[~is_same])[::-1]
    same = similarities[is_same]
    needed = math.ceil(1 / false_accept_rate)
    if len(different) < needed:
        raise ValueError(
            f"{len(different)} pairs of different people cannot show a false-accept "
            f"rate of {false_accept_rate:g}; at least {needed} are needed"
        )
    # the small term keeps 0.1 * 30 from counting as 2.9999…
    allowed = math.floor(false_accept_rate * len(different) + 1e-9)
    if allowed == len(different):
        threshold = float(similarities.min())
    else:
        # the first pair that must not be accepted sets an open lower bound
        bound = different[allowed]
        above = similarities[similarities > bound]
        threshold = float(above.min() if len(above) else np.nextafter(bound, np.inf))
    return ThresholdReport(
        threshold=threshold,
        false_accept_rate=float(np.mean(different >= threshold)),
        true_accept_rate=float(np.mean(same >= threshold)) if len(same) else math.nan,
        num_same=len(same),
        num_different=len(different),
    )

"""Numbers that a user gives, held to what they can be."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from mmpsearch.errors import InputError

SCORES = (0.0, 1.0)  # of detections
SIMILARITIES = (-1.0, 1.0)  # cosines


def number_in(low: float, high: float) -> Callable[[str], float]:
    """``type=`` of an argument: a number from ``low`` to ``high``; NaN is none."""

    def number(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"{text}: must be a number from {low:g} to {high:g}"
            )
        return value

    return number


def whole_from(low: int) -> Callable[[str], int]:
    """``type=`` of an argument: a whole number, at least ``low``."""

    def number(text: str) -> int:
        value = int(text)
        if value < low:
            raise argparse.ArgumentTypeError(f"{text}: must be at least {low}")
        return value

    return number


def require_in(name: str, value: float | None, low: float, high: float) -> None:
    """Refuse a number out of range; None is left to its default.

    Raises:
        InputError: Naming the argument, the number and the range.
    """
    if value is not None and not low <= value <= high:
        raise InputError(f"{name}={value} must be a number from {low:g} to {high:g}")


a_count = whole_from(1)
a_score = number_in(*SCORES)
a_similarity = number_in(*SIMILARITIES)

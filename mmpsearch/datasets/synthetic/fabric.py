"""Patterns of cloth as functions of the place on the garment."""

from __future__ import annotations

import numpy as np

from mmpsearch.datasets.synthetic.identity import Garment


def _wave(place: np.ndarray, period: float) -> np.ndarray:
    """Soft-edged stripes, 0..1."""
    return np.clip(0.5 + 2.5 * np.sin(place * (2 * np.pi / period)), 0, 1)


def _logo(kind: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if kind == "disc":
        inside = 0.034 - np.hypot(x, y)
    elif kind == "square":
        inside = 0.03 - np.maximum(np.abs(x), np.abs(y))
    elif kind == "triangle":
        inside = np.minimum(0.028 - y, 0.5 * (y + 0.04) - np.abs(x) * 0.9)
    else:
        arm = np.minimum(np.abs(x), np.abs(y)) - 0.012
        inside = np.minimum(-arm, 0.036 - np.maximum(np.abs(x), np.abs(y)))
    return np.clip(inside * 150 + 0.5, 0, 1)


def pattern_weight(
    garment: Garment, around: np.ndarray, down: np.ndarray, part: str = "body"
) -> np.ndarray:
    """Share of the second colour at each place.

    Args:
        garment: Says pattern and period.
        around: (h, w) arc length from the person's front line, person units.
        down: (h, w) distance below the garment's upper edge, person units.
        part: ``'body'``, ``'sleeve'`` or ``'leg'``; logos, bands and the two-tone
            cut are on the body only, a raglan's second colour on its sleeves only.

    Returns:
        float32 (h, w) or a scalar, in 0..1.
    """
    name, period = garment.pattern, garment.period
    if name == "horizontal stripes":
        return _wave(down, period)
    if name == "vertical stripes":
        return _wave(around, period)
    if name == "check":
        a, b = _wave(around, 1.4 * period), _wave(down, 1.4 * period)
        return a + b - 2 * a * b
    if name == "plaid":
        thin = np.clip(3 * np.sin(around * (2 * np.pi / (1.5 * period))) - 1.4, 0, 1)
        return np.maximum(0.55 * _wave(down, 1.5 * period), 0.8 * thin)
    if name == "dots":
        cell = 1.1 * period
        x = around / cell % 1 - 0.5
        y = down / cell % 1 - 0.5
        return np.clip((0.32 - np.hypot(x, y)) * 9 + 0.5, 0, 1)
    if name == "raglan":
        return np.float32(part == "sleeve")
    if part == "body" and name == "two-tone":
        return np.clip((down - 0.155) * 200 + 0.5, 0, 1)
    if part == "body" and name == "band":
        return np.clip((0.028 - np.abs(down - 0.115)) * 200 + 0.5, 0, 1)
    if part == "body" and name == "logo":
        return _logo(garment.logo, around, down - 0.115)
    if name == "side stripe" and part == "leg":
        return np.clip((0.02 - np.abs(around)) * 120 + 0.5, 0, 1)
    return np.float32(0)


def mix(first: np.ndarray, second: np.ndarray, weight) -> np.ndarray:
    """(h, w, 3) blend of two (3,) colours by ``weight`` (h, w) or scalar."""
    weight = np.asarray(weight, np.float32)[..., None]
    return first + (second - first) * weight

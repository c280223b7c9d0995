"""Where a network looks, laid over the picture."""

from __future__ import annotations

import cv2
import numpy as np


def draw_attention(
    image: np.ndarray, attention: np.ndarray, strength: float = 0.6
) -> np.ndarray:
    """The picture, the mean over the heads, and every head, side by side.

    Each map is stretched from its smallest to its largest value: colours compare
    places of one map, not maps.

    Args:
        image: (H, W, 3) uint8 BGR.
        attention: (heads, rows, columns) from ``ReIDInferencer.attention``.
        strength: Weight of the colours over the picture, 0..1.

    Returns:
        (H, (heads + 2) * W, 3) uint8 BGR.
    """
    maps = [attention.mean(axis=0), *attention]
    return np.hstack([image, *(_overlay(image, one, strength) for one in maps)])


def draw_heat(
    image: np.ndarray, values: np.ndarray, strength: float = 0.6
) -> np.ndarray:
    """The picture, and a map over it.

    Args:
        image: (H, W, 3) uint8 BGR.
        values: (rows, columns), stretched from its smallest to its largest value.
        strength: Weight of the colours over the picture, 0..1.

    Returns:
        (H, 2 * W, 3) uint8 BGR.
    """
    return np.hstack([image, _overlay(image, values, strength)])


def _overlay(image: np.ndarray, values: np.ndarray, strength: float) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    stretched = (values - low) / max(high - low, 1e-12) * 255
    size = image.shape[1::-1]
    heat = cv2.resize(
        stretched.astype(np.float32), size, interpolation=cv2.INTER_LINEAR
    )
    colours = cv2.applyColorMap(np.rint(heat).astype(np.uint8), cv2.COLORMAP_INFERNO)
    return cv2.addWeighted(image, 1 - strength, colours, strength, 0)

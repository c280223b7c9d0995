"""Near-infrared appearance: what a material and a place look like at night.

The grey value of a cloth depends on dye and fibre, not on its visible colour alone:
40 % luminance, 45 % a fixed table per palette entry, 15 % a draw per identity. That
mixture leaves RGB-IR matching learnable, and luminance alone insufficient.
"""

from __future__ import annotations

import cv2
import numpy as np

_LUMINANCE = np.array((0.299, 0.587, 0.114))
_SHARES = (0.40, 0.45, 0.15)


def material_grey(rng: np.random.Generator, rgb: np.ndarray, reflectance: int) -> float:
    """Grey value (20..240) in near infrared of a dyed material.

    Args:
        rng: The identity's generator; one draw is consumed.
        rgb: (3,) visible colour, 0..255.
        reflectance: The palette entry's own near-infrared grey, 0..255.
    """
    luminance = float(_LUMINANCE @ np.asarray(rgb, float))
    parts = (luminance, float(reflectance), rng.uniform(30, 225))
    return float(np.clip(np.dot(_SHARES, parts), 20, 240))


def infrared_object(colour: np.ndarray) -> np.ndarray:
    """A thing's (h, w, 3) float32 colours as greys, a little darker than by day."""
    return np.repeat(0.75 * colour.mean(2, keepdims=True), 3, axis=2)


def infrared_background(image: np.ndarray) -> np.ndarray:
    """A place under its camera's infrared lamp: grey, darker, brightest in the middle.

    Args:
        image: (H, W, 3) uint8 BGR.

    Returns:
        (H, W, 3) uint8, three equal channels.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    height, width = grey.shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    lamp = 0.62 - 0.2 * np.minimum(1, 0.5 * x * x + 0.8 * (y - 0.2) ** 2)
    grey = np.clip(grey * lamp + 8, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)

"""Mild colour changes."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.registry import TRANSFORMS


def jitter_colours(
    image: np.ndarray, brightness: float, contrast: float, saturation: float
) -> np.ndarray:
    """Multiply brightness, contrast (about mean grey) and saturation.

    Args:
        image: (H, W, 3) uint8, BGR.
        brightness: Factor of all values.
        contrast: Factor of the distance to the image's mean grey.
        saturation: Factor of the distance to each pixel's grey.

    Returns:
        (H, W, 3) uint8.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    mean = float(grey.mean())
    table = (np.arange(256.0) - mean) * contrast + mean
    table = np.clip(np.rint(table * brightness), 0, 255).astype(np.uint8)
    image = cv2.LUT(image, table)
    if saturation != 1.0:
        grey = cv2.cvtColor(cv2.LUT(grey, table), cv2.COLOR_GRAY2BGR)
        image = cv2.addWeighted(image, saturation, grey, 1.0 - saturation, 0.0)
    return image


def cast_colours(image: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Multiply every channel by its own factor, as another camera's white balance.

    Args:
        image: (H, W, 3) uint8.
        factors: (3,), one per channel.

    Returns:
        (H, W, 3) uint8.
    """
    table = np.arange(256.0)[:, None] * np.asarray(factors, float)
    return cv2.LUT(image, np.clip(np.rint(table), 0, 255).astype(np.uint8)[None])


@TRANSFORMS.register_module()
class ColorJitter(BaseTransform):
    """Change brightness, contrast and saturation, each by an own random factor.

    Args:
        brightness: Factors lie in [1 - brightness, 1 + brightness].
        contrast: The same for contrast.
        saturation: The same for saturation.
        cast: The same for every channel by itself, which imitates the colour casts
            of different cameras; 0: none.
    """

    def __init__(
        self,
        brightness: float = 0.2,
        contrast: float = 0.2,
        saturation: float = 0.2,
        cast: float = 0.0,
    ) -> None:
        self.amounts = (brightness, contrast, saturation)
        self.cast = cast

    def transform(self, results: dict) -> dict:
        factors = [np.random.uniform(1 - a, 1 + a) for a in self.amounts]
        image = jitter_colours(results["img"], *factors)
        if self.cast:
            casts = np.random.uniform(1 - self.cast, 1 + self.cast, size=3)
            image = cast_colours(image, casts)
        results["img"] = image
        return results

    def __repr__(self) -> str:
        return f"ColorJitter(amounts={self.amounts}, cast={self.cast})"

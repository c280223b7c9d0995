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


@TRANSFORMS.register_module()
class ColorJitter(BaseTransform):
    """Change brightness, contrast and saturation, each by an own random factor.

    Args:
        brightness: Factors lie in [1 - brightness, 1 + brightness].
        contrast: The same for contrast.
        saturation: The same for saturation.
    """

    def __init__(
        self, brightness: float = 0.2, contrast: float = 0.2, saturation: float = 0.2
    ) -> None:
        self.amounts = (brightness, contrast, saturation)

    def transform(self, results: dict) -> dict:
        factors = [np.random.uniform(1 - a, 1 + a) for a in self.amounts]
        results["img"] = jitter_colours(results["img"], *factors)
        return results

    def __repr__(self) -> str:
        return f"ColorJitter(amounts={self.amounts})"

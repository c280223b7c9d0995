"""Move a crop by a few pixels."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.base import MEAN_COLOUR
from mmpsearch.datasets.transforms.window import PadValue
from mmpsearch.registry import TRANSFORMS


@TRANSFORMS.register_module()
class PadCrop(BaseTransform):
    """Pad on all sides, then cut out a window of the old size at random.

    Args:
        padding: Pixels on each side; the picture moves by up to as many.
        pad_value: One value, or blue, green, red. Default: ImageNet's mean colour,
            which is zero after normalisation; the usual toolboxes pad with black (0)
            before it.
    """

    def __init__(self, padding: int = 10, pad_value: PadValue = MEAN_COLOUR) -> None:
        if padding < 0:
            raise ValueError(f"PadCrop: padding must not be negative, got {padding}.")
        self.padding = padding
        values = (pad_value,) * 3 if isinstance(pad_value, int) else tuple(pad_value)
        self.pad_value = values

    def transform(self, results: dict) -> dict:
        image, pad = results["img"], self.padding
        top, left = np.random.randint(0, 2 * pad + 1, size=2)
        wide = cv2.copyMakeBorder(
            image, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=self.pad_value
        )
        height, width = image.shape[:2]
        window = wide[top : top + height, left : left + width]
        results["img"] = np.ascontiguousarray(window)
        return results

    def __repr__(self) -> str:
        return f"PadCrop(padding={self.padding}, pad_value={self.pad_value})"

"""The 8-bit detour of the reference's pixel pipeline, for released weights.

The reference normalises the image first, stretches it to 0..255 by its own minimum
and maximum, truncates to 8 bits, does all geometry there, and goes back. The two
transforms do the same around the geometric ones. They are off by default.
"""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.base import WindowTransform
from mmpsearch.datasets.transforms.formatting import PackPersonSearchInputs
from mmpsearch.datasets.transforms.loading import LoadImage
from mmpsearch.registry import TRANSFORMS

MEAN = (123.675, 116.28, 103.53)
STD = (58.395, 57.12, 57.375)


def quantize(image: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Stretch values to 0..255 and truncate.

    Args:
        image: float32 of any shape.

    Returns:
        uint8 array, the minimum m, and the maximum M of ``image - m``, so that the
        value was about ``u / 255 * M + m``.
    """
    low = image.min()
    shifted = image - low
    high = shifted.max()
    if high == 0:
        return np.zeros(image.shape, np.uint8), float(low), 0.0
    return (shifted / high * 255).astype(np.uint8), float(low), float(high)


def dequantize(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """float32 values of :func:`quantize`'s output."""
    return image.astype(np.float32) / 255 * np.float32(high) + np.float32(low)


class _Normalised(BaseTransform):
    def __init__(
        self, mean: Sequence[float] = MEAN, std: Sequence[float] = STD
    ) -> None:
        # Given as RGB, applied to BGR images.
        self.mean = np.array(mean[::-1], dtype=np.float32)
        self.std = np.array(std[::-1], dtype=np.float32)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(mean={self.mean[::-1]}, std={self.std[::-1]})"


@TRANSFORMS.register_module()
class MinMaxQuantize(_Normalised):
    """Replace ``img`` by its normalised values stretched to 8 bits.

    Keeps the image's minimum and range in ``quantization``. Padding with 0 then
    means the image's minimum, as in the reference.

    Args:
        mean: RGB mean of the normalisation.
        std: RGB standard deviation.
    """

    def transform(self, results: dict) -> dict:
        image = results["img"].astype(np.float32) / 255
        image = (image - self.mean / 255) / (self.std / 255)
        results["img"], *results["quantization"] = quantize(image)
        return results


@TRANSFORMS.register_module()
class MinMaxDequantize(_Normalised):
    """Undo :class:`MinMaxQuantize`; ``img`` becomes float32 in 0..255, BGR.

    The data preprocessor's normalisation with the same mean and std then gives the
    reference's network input.
    """

    def transform(self, results: dict) -> dict:
        low, high = results.pop("quantization")
        normalised = dequantize(results["img"], low, high)
        results["img"] = normalised * self.std + self.mean
        return results


def with_quantization(transforms: list) -> list:
    """A pipeline's transforms with the reference's 8-bit detour around them.

    :class:`MinMaxQuantize` comes after :class:`LoadImage`, :class:`MinMaxDequantize`
    before :class:`PackPersonSearchInputs`, and padding shows the image's minimum.

    Args:
        transforms: Built transforms; their padding colour is changed.
    """
    kinds = [type(transform) for transform in transforms]
    for kind in (LoadImage, PackPersonSearchInputs):
        if kinds.count(kind) != 1:
            raise ValueError(
                f"compat_quantization needs a pipeline with one {kind.__name__}, got "
                f"{[kind.__name__ for kind in kinds]}."
            )
    for transform in transforms:
        if isinstance(transform, WindowTransform):
            transform.pad_value = 0
    load, pack = kinds.index(LoadImage) + 1, kinds.index(PackPersonSearchInputs)
    between = [MinMaxQuantize(), *transforms[load:pack], MinMaxDequantize()]
    return [*transforms[:load], *between, *transforms[pack:]]

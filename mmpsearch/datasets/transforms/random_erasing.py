"""Random erasing (Zhong et al., AAAI 2020) with an explicit fill."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.registry import TRANSFORMS

# ImageNet's statistics, BGR, on the scale 0..255.
MEAN = (103.53, 116.28, 123.675)
STD = (57.375, 57.12, 58.395)


@TRANSFORMS.register_module()
class RandomErasing(BaseTransform):
    """Fill a random rectangle, *before* normalisation.

    In this project a pipeline ends with pixels and the model's preprocessor normalises:
    x -> (x - mean) / std. What a fill amounts to after that:

    ============ ======================== =====================================
    ``value``    written here             after normalisation
    ============ ======================== =====================================
    ``mean``     the mean colour          0 (as erasing with 0 *after* it)
    ``random``   N(mean, std) per pixel   N(0, 1) (timm's mode ``pixel``, TransReID);
                                          the picture becomes float32, for noise
                                          beyond the range of pixels
    ``uniform``  U(0, 255) per pixel      uniform noise (the paper's best)
    ``zero``     black                    -mean / std, about -2
    (b, g, r)    that colour              (colour - mean) / std
    ============ ======================== =====================================

    The rectangle is MMPretrain's ``RandomErasing``.

    Args:
        prob: How often.
        value: See the table.
        area: Least and largest share of the picture.
        aspect: Least ratio of the sides; the largest is its inverse.
        mean: Mean colour (BGR) of the model's normalisation.
        std: Standard deviation (BGR) of the model's normalisation.
    """

    def __init__(
        self,
        prob: float = 0.5,
        value: str | Sequence[float] = "mean",
        area: tuple[float, float] = (0.02, 0.4),
        aspect: float = 0.3,
        mean: Sequence[float] = MEAN,
        std: Sequence[float] = STD,
    ) -> None:
        from mmpretrain.datasets.transforms import RandomErasing as Eraser

        fills = {
            "mean": dict(fill_color=tuple(round(x) for x in mean)),
            "random": dict(fill_color=(255, 255, 255)),  # marks the rectangle
            "uniform": dict(mode="rand"),
            "zero": dict(fill_color=(0, 0, 0)),
        }
        if isinstance(value, str) and value not in fills:
            raise ValueError(
                f"RandomErasing: value must be one of {', '.join(fills)} or three "
                f"numbers (BGR), got {value!r}."
            )
        fill = fills[value] if isinstance(value, str) else dict(fill_color=tuple(value))
        self.prob, self.value = prob, value
        self.mean, self.std = np.array(mean), np.array(std)
        self.eraser = Eraser(
            float(prob), *map(float, area), (float(aspect), 1 / aspect), **fill
        )

    def transform(self, results: dict) -> dict:
        """Args: results with ``img`` ``(H, W, 3)`` uint8 BGR."""
        if self.value == "random":
            results["img"] = self._with_noise(results["img"])
            return results
        results["img"] = results["img"].copy()
        return self.eraser(results)

    def _with_noise(self, image: np.ndarray) -> np.ndarray:
        """float32, also where nothing is erased."""
        marks = self.eraser(dict(img=np.zeros_like(image)))["img"][..., 0] > 0
        noisy = image.astype(np.float32)
        noise = np.random.normal(size=(marks.sum(), 3))
        noisy[marks] = self.mean + noise * self.std
        return noisy

    def __repr__(self) -> str:
        return f"RandomErasing(prob={self.prob}, value={self.value!r})"

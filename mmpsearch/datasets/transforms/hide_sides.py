"""Hide what stands beside a person."""

import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.registry import TRANSFORMS


@TRANSFORMS.register_module()
class HideSides(BaseTransform):
    """Paint the left and the right edge of a crop in one random colour.

    A person stands in the middle of a crop. At its edges is the background, which two
    views of one picture share, so that a pre-training may tell pictures apart by it
    instead of by the person; of two views with other edges it has to look between.

    Args:
        prob: how often.
        most: largest share of the width that is hidden on either side; each side's is
            drawn from 0 to this.
    """

    def __init__(self, prob: float = 1.0, most: float = 0.25) -> None:
        if not (0 <= prob <= 1 and 0 <= most <= 0.5):
            raise ValueError(
                "HideSides: prob must lie in [0, 1] and most in [0, 0.5], got "
                f"{prob} and {most}."
            )
        self.prob, self.most = prob, most

    def transform(self, results: dict) -> dict:
        if np.random.random() >= self.prob:
            return results
        image = results["img"].copy()
        left, right = np.random.uniform(0, self.most, size=2) * image.shape[1]
        colour = np.random.randint(256, size=3)
        image[:, : round(left)] = colour
        image[:, image.shape[1] - round(right) :] = colour
        results["img"] = image
        return results

    def __repr__(self) -> str:
        return f"HideSides(prob={self.prob}, most={self.most})"

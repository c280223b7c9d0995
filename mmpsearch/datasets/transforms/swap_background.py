"""A person before the background of another crop."""

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.errors import ConfigError
from mmpsearch.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SwapBackground(BaseTransform):
    """Keep the middle columns of a crop, take those beside them from another crop.

    All views of one crop show one background, and a network that learns to find views
    of one picture can do so by the background alone. Ryali, Schwab and Morcos,
    "Characterizing and Improving the Robustness of Self-Supervised Learning through
    Background Augmentations" (2021), swap it by a saliency mask. A person's crop needs
    none: the person stands in the middle, from top to bottom.

    For a pipeline of a :class:`MultiView`, before what cuts out the view, so that each
    view gets a background of its own.

    Args:
        kept: Smallest and largest share of the width that is kept, in (0, 1].

    Raises:
        ConfigError: ``kept`` is not such a range.
    """

    def __init__(self, kept: tuple[float, float] = (0.5, 0.8)) -> None:
        if not 0 < kept[0] <= kept[1] <= 1:
            raise ConfigError(
                f"SwapBackground: kept={kept!r} must be a smallest and a largest share "
                "of the width, above 0 and at most 1."
            )
        self.least, self.most = kept

    def transform(self, results: dict) -> dict:
        """Change ``img`` (H, W, 3) uint8.

        Args:
            results: ``img``, and ``mix_results``, a list of samples with ``img``.

        Raises:
            ConfigError: There are no other samples.
        """
        others = results.get("mix_results")
        if not others:
            raise ConfigError(
                "SwapBackground needs other crops, and mix_results has none: let "
                "mmpsearch.MultiImageMixDataset wrap the data set."
            )
        image = results["img"]
        height, width = image.shape[:2]
        other = others[np.random.randint(len(others))]["img"]
        swapped = mmcv.imresize(other, (width, height))
        side = round((1 - np.random.uniform(self.least, self.most)) / 2 * width)
        swapped[:, side : width - side] = image[:, side : width - side]
        results["img"] = swapped
        return results

    def __repr__(self) -> str:
        return f"SwapBackground(kept=({self.least}, {self.most}))"

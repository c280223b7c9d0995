"""The image as it was loaded, beside the one that the network sees."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.formatting import PackPersonSearchInputs
from mmpsearch.registry import TRANSFORMS


@TRANSFORMS.register_module()
class KeepRawImage(BaseTransform):
    """Remember ``img`` as it is now, as ``raw_image``; directly after loading."""

    def transform(self, results: dict) -> dict:
        results["raw_image"] = results["img"]
        return results

    def __repr__(self) -> str:
        return "KeepRawImage()"


@TRANSFORMS.register_module()
class PackWithRawImage(PackPersonSearchInputs):
    """:class:`PackPersonSearchInputs` with ``raw_image`` (3, h, w) in the sample.

    For testing: the raw image is not flipped or cropped along.
    """

    def transform(self, results: dict) -> dict:
        packed = super().transform(results)
        image = np.ascontiguousarray(results["raw_image"].transpose(2, 0, 1))
        packed["data_samples"].raw_image = torch.from_numpy(image)
        return packed

    def __repr__(self) -> str:
        return f"PackWithRawImage(meta_keys={self.meta_keys})"

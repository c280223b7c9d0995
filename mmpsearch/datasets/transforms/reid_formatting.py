"""The last transform of re-identification: a tensor and a data sample."""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmpsearch.registry import TRANSFORMS
from mmpsearch.structures import ReIDSample

META_KEYS = ("img_id", "img_path", "ori_shape", "img_shape", "scale_factor", "flip")


@TRANSFORMS.register_module()
class PackReIDInputs(BaseTransform):
    """Pack a crop for the model.

    Returns a dict with ``inputs`` (3, H, W) uint8 BGR and ``data_samples``, a
    :class:`~mmpsearch.structures.ReIDSample` with ``person_id`` and ``camera_id``
    (-1 where the results lack them), ``modality`` (``'rgb'``), ``is_query`` (False)
    and, where given, ``target``.

    Args:
        meta_keys: What to keep of the results as metainfo, where present.
    """

    def __init__(self, meta_keys: Sequence[str] = META_KEYS) -> None:
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        image = np.ascontiguousarray(results["img"].transpose(2, 0, 1))
        sample = ReIDSample(
            metainfo={key: results[key] for key in self.meta_keys if key in results}
        )
        sample.person_id = int(results.get("person_id", -1))
        sample.camera_id = int(results.get("camera_id", -1))
        sample.modality = str(results.get("modality", "rgb"))
        sample.is_query = bool(results.get("is_query", False))
        if "target" in results:
            sample.target = str(results["target"])
        return dict(inputs=torch.from_numpy(image), data_samples=sample)

    def __repr__(self) -> str:
        return f"PackReIDInputs(meta_keys={self.meta_keys})"

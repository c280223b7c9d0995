"""The last transform: tensors and a data sample."""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import InstanceData

from mmpsearch.datasets.transforms.window import ground_truth_boxes
from mmpsearch.registry import TRANSFORMS
from mmpsearch.structures import PersonSearchSample

META_KEYS = (
    "img_id",
    "img_key",
    "img_path",
    "camera_id",
    "ori_shape",
    "img_shape",
    "scale_factor",
    "flip",
)


@TRANSFORMS.register_module()
class PackPersonSearchInputs(BaseTransform):
    """Pack image and boxes for the model.

    Returns a dict with ``inputs`` (3, H, W), uint8 (or float32 after
    :class:`MinMaxDequantize`), BGR, and ``data_samples``, a
    :class:`~mmpsearch.structures.PersonSearchSample` with ``gt_instances`` and
    ``query_instances``, both empty for a picture without annotations.

    Args:
        meta_keys: What to keep of the results as metainfo, where present.
    """

    def __init__(self, meta_keys: Sequence[str] = META_KEYS) -> None:
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        image = np.ascontiguousarray(results["img"].transpose(2, 0, 1))
        sample = PersonSearchSample(
            metainfo={key: results[key] for key in self.meta_keys if key in results}
        )
        # what the model draws for this sample, on whichever rank it is
        sample.set_metainfo({"sample_seed": int(np.random.randint(2**31))})
        boxes = torch.from_numpy(ground_truth_boxes(results)).float().reshape(-1, 4)
        nobody = np.zeros(0, np.int64)
        sample.gt_instances = InstanceData(
            bboxes=boxes,
            labels=torch.zeros(len(boxes), dtype=torch.int64),
            person_ids=torch.from_numpy(results.get("gt_person_ids", nobody)).long(),
            unique_ids=torch.from_numpy(results.get("gt_unique_ids", nobody)).long(),
        )
        queries = results.get("query_bboxes", np.zeros((0, 4), np.float32))
        query_ids = results.get("query_ids", np.zeros(0, np.int64))
        sample.query_instances = InstanceData(
            bboxes=torch.from_numpy(queries).float().reshape(-1, 4),
            query_ids=torch.from_numpy(query_ids).long(),
        )
        return dict(inputs=torch.from_numpy(image), data_samples=sample)

    def __repr__(self) -> str:
        return f"PackPersonSearchInputs(meta_keys={self.meta_keys})"

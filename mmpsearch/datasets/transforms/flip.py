"""Horizontal flip."""

import numpy as np
from mmcv.transforms import BaseTransform

from mmpsearch.datasets.transforms.window import (
    ground_truth_boxes,
    mirror_boxes,
    update_boxes,
)
from mmpsearch.registry import TRANSFORMS


def flip_horizontally(results: dict) -> dict:
    """Mirror image, ground-truth and query boxes; sets ``flip``."""
    width = results["img_shape"][1]
    results["img"] = np.ascontiguousarray(results["img"][:, ::-1])
    results["flip"] = not results.get("flip", False)
    boxes = mirror_boxes(ground_truth_boxes(results), width)
    queries = results.get("query_bboxes", np.zeros((0, 4)))
    update_boxes(results, boxes, mirror_boxes(queries, width), 0.0)
    return results


@TRANSFORMS.register_module()
class RandomHorizontalFlip(BaseTransform):
    """Flip image and boxes left to right.

    Args:
        prob: How often.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def transform(self, results: dict) -> dict:
        if np.random.uniform() < self.prob:
            return flip_horizontally(results)
        results.setdefault("flip", False)
        return results

    def __repr__(self) -> str:
        return f"RandomHorizontalFlip(prob={self.prob})"

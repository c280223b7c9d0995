"""A picture and its query boxes through a person-search test pipeline."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from mmpsearch.apis.image_sources import SourceImage


def pack_scene(
    pipeline: Callable[[dict], dict], image: SourceImage, query_boxes: np.ndarray
) -> dict:
    """What testing gives the model of one picture.

    Args:
        pipeline: what comes behind the loading of a picture.
        image: read already.
        query_boxes: (M, 4) xyxy in pixels of the picture.

    Returns:
        ``inputs`` (3, h, w), resized, and ``data_samples`` with ``query_instances``.
    """
    height, width = image.pixels.shape[:2]
    packed = pipeline(
        {
            "img": image.pixels,
            "img_path": image.path,
            "img_id": 0,
            "img_key": os.path.basename(image.path),
            "camera_id": -1,
            "height": height,
            "width": width,
            "img_shape": (height, width),
            "ori_shape": (height, width),
            "scale_factor": (1.0, 1.0),
            "flip": False,
            "gt_bboxes": np.empty((0, 4), np.float32),
            "gt_person_ids": np.empty(0, np.int64),
            "gt_unique_ids": np.empty(0, np.int64),
            "query_bboxes": query_boxes.copy(),
            "query_ids": np.arange(len(query_boxes)),
        }
    )
    sample = packed["data_samples"]
    if "gt_instances" in sample:
        del sample.gt_instances  # nothing is known: nothing to embed or compare
    return packed

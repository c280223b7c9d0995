"""A scene as the transforms see it."""

import numpy as np


def make_results(height=60, width=80, boxes=(), person_ids=None, queries=()):
    image = np.random.default_rng(0).integers(0, 255, (height, width, 3))
    boxes = np.array(boxes, dtype=np.float32).reshape(-1, 4)
    ids = np.arange(len(boxes)) if person_ids is None else np.array(person_ids)
    return dict(
        img=image.astype(np.uint8),
        img_shape=(height, width),
        ori_shape=(height, width),
        scale_factor=(1.0, 1.0),
        flip=False,
        gt_bboxes=boxes,
        gt_person_ids=ids.astype(np.int64),
        gt_unique_ids=np.arange(len(boxes)) + 100,
        query_bboxes=np.array(queries, dtype=np.float32).reshape(-1, 4),
        query_ids=np.arange(len(queries)),
        img_id=3,
        img_key="a.jpg",
        img_path="/data/a.jpg",
        camera_id=2,
    )

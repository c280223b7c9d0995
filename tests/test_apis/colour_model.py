"""A person-search model whose answers can be worked out by hand.

"People" are rectangles of one strong colour on grey. The model finds them as connected
regions, scores them by how much of their box they fill, and embeds a box by its mean
colour times a weight per channel.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.structures import InstanceData

from mmpsearch.registry import MODELS, TRANSFORMS

RED, GREEN, BLUE = (250, 0, 0), (0, 250, 0), (0, 0, 250)
GREY = 120


@MODELS.register_module()
class ColourModel(BaseModel):
    training_only = (r"reid_loss\.",)

    def __init__(self, data_preprocessor=None, reid_loss=None):
        super().__init__(data_preprocessor=data_preprocessor)
        assert reid_loss is None, "training parts are not for inference"
        self.gain = torch.nn.Parameter(torch.ones(3))
        self.batches = []  # pictures per forward pass

    def forward(self, inputs, data_samples=None, mode="tensor"):
        assert mode == "predict"
        self.batches.append(len(inputs))
        for image, sample in zip(inputs, data_samples, strict=True):
            assert "gt_instances" not in sample
            rgb = image.permute(1, 2, 0)  # (H, W, 3), 0..255
            boxes, scores = find(rgb.byte().cpu().numpy())
            scale = torch.tensor(sample.scale_factor).repeat(2)
            sample.pred_instances = InstanceData(
                bboxes=boxes / scale,
                scores=scores,
                labels=torch.zeros(len(boxes), dtype=torch.int64),
                embeddings=self.embed(rgb, boxes),
            )
            queries = sample.query_instances
            queries.embeddings = self.embed(rgb, queries.bboxes)
        return data_samples

    def embed(self, rgb, boxes):
        rows = []
        for x1, y1, x2, y2 in boxes.round().int().tolist():
            rows.append(rgb[y1:y2, x1:x2].mean(dim=(0, 1)) * self.gain)
        return torch.stack(rows) if rows else torch.empty(0, 3)


def find(rgb):
    strong = np.ptp(rgb.astype(int), axis=2) > 100
    found = cv2.connectedComponentsWithStats(strong.astype(np.uint8))[2][1:]
    found = torch.from_numpy(found).float().reshape(-1, 5)
    x, y, w, h, area = found.unbind(1)
    return torch.stack([x, y, x + w, y + h], 1), area / (w * h)


@TRANSFORMS.register_module()
class HalveForTest:
    """Network input at half size, so that a mix-up of coordinates shows."""

    def __call__(self, results):
        height, width = results["img"].shape[:2]
        size = max(1, width // 2), max(1, height // 2)
        results["img"] = cv2.resize(results["img"], size, interpolation=cv2.INTER_AREA)
        results["img_shape"] = size[::-1]
        results["scale_factor"] = (size[0] / width, size[1] / height)
        results["query_bboxes"] = results["query_bboxes"] * np.array(
            results["scale_factor"] * 2, np.float32
        )
        return results


def config():
    pipeline = [
        dict(type="mmpsearch.LoadImage"),
        dict(type="mmpsearch.HalveForTest"),
        dict(type="mmpsearch.PackPersonSearchInputs"),
    ]
    return dict(
        default_scope="mmpsearch",
        model=dict(
            type="mmpsearch.ColourModel",
            reid_loss=dict(type="mmpsearch.OIMLoss"),
            data_preprocessor=dict(
                type="mmdet.DetDataPreprocessor",
                mean=[0, 0, 0],
                std=[1, 1, 1],
                bgr_to_rgb=True,
                pad_size_divisor=32,
            ),
        ),
        test_dataloader=dict(
            dataset=dict(type="wrapper", dataset=dict(pipeline=pipeline))
        ),
    )


def scene(*people, size=(160, 120)):
    """(H, W, 3) uint8 RGB with people ``(colour, (x1, y1, x2, y2))`` on grey."""
    image = np.full((size[1], size[0], 3), GREY, np.uint8)
    for colour, (x1, y1, x2, y2) in people:
        image[y1:y2, x1:x2] = colour
    return image

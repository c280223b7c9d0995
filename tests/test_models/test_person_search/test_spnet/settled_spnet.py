"""A small SPNet whose random weights find something, and plain box arithmetic."""

import torch
from torchvision.ops import box_iou

from tests.test_models.tiny_spnet import SHAPE, scene, tiny_spnet

# z > -0.4: some hundred anchors of the random network pass
SEARCH = {"max_anchors": 150, "score_threshold": 0.4, "max_boxes": 40}


def slow_nms(boxes, scores, limit):
    kept = []
    for index in scores.argsort(descending=True, stable=True).tolist():
        if all(box_iou(boxes[index][None], boxes[k][None]) <= limit for k in kept):
            kept.append(index)
    return kept


def clip(boxes, size):
    boxes = boxes.clone()
    boxes[:, 0::2] = boxes[:, 0::2].clamp(0, size[1])
    boxes[:, 1::2] = boxes[:, 1::2].clamp(0, size[0])
    return boxes


def settled(**changes):
    """A network whose offsets are about as long as those of matching anchors."""
    model = tiny_spnet(search=SEARCH, reid_loss=None, **changes).eval()
    inputs, _ = scene()
    with torch.inference_mode():
        features = model.extract(inputs)
        embeddings, _ = model.anchor_embedder(features.pyramid, SHAPE)
        block = model.sp_blocks[0]
        norms = block.object_offsets(embeddings).norm(dim=-1)
        # a tenth of the anchors match, with scores that are not all 0 or 1
        matching = norms.quantile(0.9 if block.positive_logits else 0.1)
        factor = block.logits.mean / matching
        for parameter in model.anchor_embedder.conv.parameters():
            parameter.mul_(factor)
        features = model.extract(inputs)
    return model, features

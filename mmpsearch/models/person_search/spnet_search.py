"""SPNet's object-centric inference."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torchvision.ops import clip_boxes_to_image, nms

from ..layers.boxes import clip_to_images, decode_boxes
from ..structures import Features, FoundBoxes

if TYPE_CHECKING:
    from .spnet import SPNet


@dataclass(frozen=True)
class SearchSettings:
    """Limits of inference, as published.

    Attributes:
        max_anchors: anchors per image that are decoded (object-centric).
        max_anchors_per_query: anchors per image and query (query-centric).
        score_threshold: a box needs a larger first-stage score.
        max_boxes: boxes per image before and after non-maximum suppression.
        nms_iou: boxes that overlap more are suppressed.
        queries_at_once: queries whose anchor norms are computed together; one takes
            four bytes per anchor, 1 MiB in an image of 900 x 1500 pixels.
        boxes_at_once: boxes found for queries that are embedded together; one takes
            about 1 MiB.
    """

    max_anchors: int = 1000
    max_anchors_per_query: int = 100
    score_threshold: float = 0.5
    max_boxes: int = 300
    nms_iou: float = 0.5
    queries_at_once: int = 32
    boxes_at_once: int = 512


def nearest(norms: Tensor, number: int, largest: bool) -> Tensor:
    """Positions ``(min(N, number),)`` of the best norms, best first."""
    return norms.topk(min(number, len(norms)), largest=largest).indices


def detect(model: "SPNet", features: Features, image_sizes: Tensor) -> FoundBoxes:
    """Detect and embed every person (object-centric pathway).

    Args:
        model: in eval mode.
        features: of the batch.
        image_sizes: ``(B, 2)`` height, width before padding.

    Returns:
        Boxes of all images; within an image by descending score.
    """
    settings, block = model.search, model.sp_blocks[0]
    offsets, anchors = model.anchor_embedder(
        features.pyramid, features.batch_shape, block.bridge.affine()
    )
    norms = vector_norm(offsets.float(), dim=-1)
    boxes, scores = [], []
    for image, size in enumerate(image_sizes.tolist()):
        index = nearest(norms[image], settings.max_anchors, block.positive_logits)
        score = block.logits(norms[image, index]).sigmoid()
        confident = (score > settings.score_threshold).nonzero().flatten()
        order = nearest(score[confident], settings.max_boxes, largest=True)
        index, score = index[confident[order]], score[confident[order]]
        deltas = block.regression(offsets[image, index])
        box = clip_boxes_to_image(decode_boxes(deltas.float(), anchors[index]), size)
        kept = nms(box, score, settings.nms_iou)
        boxes.append(box[kept])
        scores.append(score[kept])
    counts = torch.tensor([len(b) for b in boxes], device=norms.device)
    image_index = torch.arange(len(boxes), device=norms.device)
    image_index = image_index.repeat_interleave(counts)
    found = FoundBoxes(torch.cat(boxes), torch.cat(scores), image_index, None)
    if not model.cascade_steps:
        # nothing refines these boxes: they need no detection embedding
        embeddings = model.box_embedder(features, found.boxes, image_index)
        return found._replace(embeddings=embeddings)
    found = found._replace(
        embeddings=model.detection_embeddings(features, found.boxes, image_index, 1)
    )
    for step in range(1, model.cascade_steps + 1):
        found = _refine(model, step, features, image_sizes, found)
    return found


def _refine(
    model: "SPNet",
    step: int,
    features: Features,
    image_sizes: Tensor,
    found: FoundBoxes,
) -> FoundBoxes:
    """One cascade step. No score threshold: low boxes stay, with their low score."""
    block = model.sp_blocks[step]
    offsets = block.object_offsets(found.embeddings)
    scores = block.logits(vector_norm(offsets.float(), dim=-1)).sigmoid()
    boxes = decode_boxes(block.regression(offsets).float(), found.boxes)
    boxes = clip_to_images(boxes, found.image_index, image_sizes)
    kept = []
    for image in range(len(image_sizes)):
        own = (found.image_index == image).nonzero().flatten()
        kept.append(own[nms(boxes[own], scores[own], model.search.nms_iou)])
    index = torch.cat(kept)
    boxes, image_index = boxes[index], found.image_index[index]
    if step < model.cascade_steps:
        embeddings = model.detection_embeddings(features, boxes, image_index, step + 1)
    else:
        embeddings = model.box_embedder(features, boxes, image_index)
    return FoundBoxes(boxes, scores[index], image_index, embeddings)

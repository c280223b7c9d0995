"""Regions of a two-stage detector: moved and selected."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.ops import nms

from mmpsearch.models.layers.boxes import clip_to_images, decode_boxes
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.person_search.region_sampling import BoxBatch, SampledRegions

# deltas of Fast R-CNN are learnt ten (position) and five (size) times as large
DELTA_WEIGHTS = (10.0, 10.0, 5.0, 5.0)
SMALLEST_SIDE = 0.01


class FinalBoxes(NamedTuple):
    """What is left of candidate boxes after inference.

    Attributes:
        boxes: ``(K, 4)`` xyxy in pixels of the network input.
        scores: ``(K,)``.
        image_index: ``(K,)`` int64, ascending; within an image by descending score.
        source: ``(K,)`` int64 position of the candidate.
    """

    boxes: Tensor
    scores: Tensor
    image_index: Tensor
    source: Tensor


@dataclass(frozen=True)
class SelectSettings:
    """Limits of inference.

    Attributes:
        score_threshold: a box needs a larger score.
        nms_iou: boxes that overlap more are suppressed.
        max_boxes: boxes per image.
    """

    score_threshold: float = 0.5
    nms_iou: float = 0.4
    max_boxes: int = 300


def move_regions(
    deltas: Tensor, regions: BoxBatch | SampledRegions, image_sizes: Tensor
) -> Tensor:
    """Boxes after regression, cut at the image's border.

    Args:
        deltas: ``(N, 4)`` weighted by ``DELTA_WEIGHTS``.
        regions: the N boxes.
        image_sizes: ``(B, 2)`` height, width before padding.

    Returns:
        ``(N, 4)`` xyxy, at least float32.
    """
    boxes, deltas = at_least_float32(regions.boxes), at_least_float32(deltas)
    moved = decode_boxes(deltas, boxes, DELTA_WEIGHTS)
    return clip_to_images(moved, regions.image_index, image_sizes)


def select_boxes(
    boxes: Tensor,
    scores: Tensor,
    image_index: Tensor,
    num_images: int,
    settings: SelectSettings,
) -> FinalBoxes:
    """Confident boxes after non-maximum suppression, the best of every image.

    Args:
        boxes: ``(N, 4)`` xyxy.
        scores: ``(N,)``.
        image_index: ``(N,)`` int64.
        num_images: images of the batch.
        settings: limits.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    usable = (scores > settings.score_threshold) & (sides >= SMALLEST_SIDE).all(dim=1)
    kept = []
    for image in range(num_images):
        own = (usable & (image_index == image)).nonzero().flatten()
        best = nms(boxes[own].float(), scores[own].float(), settings.nms_iou)
        kept.append(own[best[: settings.max_boxes]])
    source = torch.cat(kept)
    return FinalBoxes(boxes[source], scores[source], image_index[source], source)

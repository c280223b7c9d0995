"""Losses of sampled regions, shared by SPNet's two training pathways."""

import torch
from torch import Tensor

from mmpsearch.models.layers.boxes import clip_to_images, decode_boxes, paired_iou
from mmpsearch.models.person_search.spnet.detection_losses import (
    binary_match_loss,
    giou_loss,
)
from mmpsearch.models.person_search.spnet.structures import Regions
from mmpsearch.models.person_search.structures import GroundTruth


def box_loss(regions: Regions, truth: GroundTruth) -> Tensor:
    """GIoU loss of the matched regions (paper's L_reg).

    Args:
        regions: of one stage.
        truth: boxes of the batch.

    Returns:
        Scalar.
    """
    positive = (regions.matched >= 0).nonzero().flatten()  # once: it asks the GPU
    boxes = decode_boxes(regions.deltas[positive].float(), regions.boxes[positive])
    return giou_loss(boxes, truth.boxes[regions.matched[positive]])


def class_loss(regions: Regions, average: str = "matches") -> Tensor:
    """Binary cross entropy of the regions' logits (paper's L_cls).

    Args:
        regions: of one stage, ignored ones already left out.
        average: see :func:`~mmpsearch.models.losses.focal_match_loss`.

    Returns:
        Scalar.
    """
    return binary_match_loss(regions.logits, regions.matched >= 0, average)


def predicted_boxes(regions: Regions, image_sizes: Tensor) -> Tensor:
    """Decoded and clipped boxes, without gradient.

    Args:
        regions: of one stage.
        image_sizes: ``(B, 2)`` height, width before padding.

    Returns:
        ``(S, 4)`` xyxy.
    """
    with torch.no_grad():
        boxes = decode_boxes(regions.deltas.float(), regions.boxes)
        return clip_to_images(boxes, regions.image_index, image_sizes)


def reid_candidates(
    regions: Regions, truth: GroundTruth, min_iou: float
) -> tuple[Tensor, Tensor]:
    """Predicted boxes that are good enough to learn re-identification from.

    A region's box counts whatever its label was, if it ended up on its target.

    Args:
        regions: of the last stage.
        truth: boxes of the batch.
        min_iou: smallest IoU of the predicted box with the target.

    Returns:
        Predicted boxes of all regions ``(S, 4)`` and positions ``(K,)`` of the good
        ones among them.
    """
    boxes = predicted_boxes(regions, truth.image_sizes)
    has_target = (regions.targets >= 0).nonzero().flatten()
    iou = boxes.new_zeros(len(boxes))
    iou[has_target] = paired_iou(
        boxes[has_target], truth.boxes[regions.targets[has_target]]
    )
    return boxes, (iou >= min_iou).nonzero().flatten()


def first_boxes(truth: GroundTruth) -> Tensor:
    """Where each image's boxes start.

    Args:
        truth: boxes of the batch.

    Returns:
        ``(B,)`` position of the image's first box, -1 where there is none.
    """
    counts = torch.bincount(truth.image_index, minlength=truth.num_images)
    return torch.where(counts > 0, counts.cumsum(0) - counts, -1)

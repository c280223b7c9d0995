"""Boxes and their coding as deltas: pure functions on xyxy boxes in pixels."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

MAX_LOG_SCALE = math.log(1000.0 / 16)


def encode_boxes(
    targets: Tensor, boxes: Tensor, weights: Sequence[float] | None = None
) -> Tensor:
    """Deltas that move boxes to targets; :func:`decode_boxes` undoes it.

    Args:
        targets: ``(N, 4)`` xyxy.
        boxes: ``(N, 4)`` xyxy, of positive area.
        weights: factors of the four deltas; None: 1.

    Returns:
        ``(N, 4)`` dx, dy (relative to the side) and log dw, log dh, weighted.
    """
    sides, wanted = (b[:, 2:] - b[:, :2] for b in (boxes, targets))
    move = (targets[:, :2] + 0.5 * wanted - boxes[:, :2] - 0.5 * sides) / sides
    deltas = torch.cat([move, (wanted / sides).log()], dim=1)
    return deltas if weights is None else deltas * deltas.new_tensor(weights)


def decode_boxes(
    deltas: Tensor, boxes: Tensor, weights: Sequence[float] | None = None
) -> Tensor:
    """Move and scale boxes by regressed deltas.

    The growth of a side is limited to 1000/16; shrinking is not.

    Args:
        deltas: ``(..., 4)`` dx, dy (relative to the side) and log dw, log dh.
        boxes: ``(..., 4)`` xyxy reference boxes.
        weights: by which the deltas were multiplied; None: 1.

    Returns:
        ``(..., 4)`` xyxy boxes, not clipped to the image.
    """
    if weights is not None:
        deltas = deltas / deltas.new_tensor(weights)
    sides = boxes[..., 2:] - boxes[..., :2]
    centres = boxes[..., :2] + 0.5 * sides
    centres = centres + deltas[..., :2] * sides
    half = 0.5 * sides * deltas[..., 2:].clamp(max=MAX_LOG_SCALE).exp()
    return torch.cat([centres - half, centres + half], dim=-1)


def clip_to_images(boxes: Tensor, image_index: Tensor, image_sizes: Tensor) -> Tensor:
    """Clip every box to its own image.

    Args:
        boxes: ``(N, 4)`` xyxy.
        image_index: ``(N,)`` int64, the image each box belongs to.
        image_sizes: ``(B, 2)`` height, width before padding.

    Returns:
        ``(N, 4)`` xyxy.
    """
    limits = image_sizes.to(boxes.dtype).flip(1)[image_index].repeat(1, 2)
    return torch.minimum(boxes.clamp(min=0), limits)


def paired_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """IoU of row i of the one with row i of the other.

    Args:
        boxes: ``(N, 4)`` xyxy.
        others: ``(N, 4)`` xyxy.

    Returns:
        ``(N,)``, 0 where both boxes are empty.
    """
    top_left = torch.maximum(boxes[:, :2], others[:, :2])
    bottom_right = torch.minimum(boxes[:, 2:], others[:, 2:])
    intersection = (bottom_right - top_left).clamp(min=0).prod(dim=1)
    areas = [(b[:, 2:] - b[:, :2]).prod(dim=1) for b in (boxes, others)]
    return intersection / (areas[0] + areas[1] - intersection).clamp(min=1e-12)

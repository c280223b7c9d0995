"""Non-maximum suppression within groups of boxes, in one call."""

import torch
from torch import Tensor
from torchvision.ops import nms


def grouped_nms(
    boxes: Tensor, scores: Tensor, groups: Tensor, iou_threshold: float
) -> Tensor:
    """Suppress boxes that overlap a better one of their own group.

    Every group is moved to a strip of its own, so that groups do not overlap. The
    strips are laid out in float64: float32 would round boxes that lie far out, and
    with them the overlaps.

    Args:
        boxes: ``(N, 4)`` xyxy.
        scores: ``(N,)``.
        groups: ``(N,)`` int64, not negative.
        iou_threshold: boxes that overlap more are suppressed.

    Returns:
        ``(K,)`` int64 rows that stay, by descending score; of equal scores the first
        row is the better one.
    """
    if len(boxes) == 0:
        return groups.new_zeros(0)
    wide = boxes.double()
    left = wide[:, 0::2].min()
    width = wide[:, 0::2].max() - left + 1
    shift = torch.zeros_like(wide)
    shift[:, 0::2] = (groups * width)[:, None]
    return nms(wide + shift, scores.double(), iou_threshold)

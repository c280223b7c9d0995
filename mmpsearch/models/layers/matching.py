"""Which anchor or proposal belongs to which ground-truth box."""

import torch
from torch import Tensor

BACKGROUND = -1
IGNORED = -2


def match_boxes(
    iou: Tensor, high: float, low: float, allow_low_quality: bool = False
) -> Tensor:
    """Index of the matched ground-truth box of every candidate.

    A candidate takes its best box when their IoU reaches ``high``, is ignored between
    ``low`` and ``high``, and background below. With ``allow_low_quality`` every
    candidate that attains the largest IoU of some ground-truth box (ties included) is
    matched as well, to *its own* best box: so does the public SPNet (as torchvision's
    RPN); the paper (section 3.2) only names the threshold. As there, a ground-truth
    box that overlaps no candidate at all makes every candidate attain its maximum 0.

    Args:
        iou: ``(G, N)`` of ground-truth boxes and candidates; ``G`` may be 0.
        high: smallest IoU of a match.
        low: smallest IoU of an ignored candidate.
        allow_low_quality: match the best candidates of every box.

    Returns:
        ``(N,)`` int64: row of ``iou``, ``BACKGROUND`` (-1) or ``IGNORED`` (-2).
    """
    if iou.shape[0] == 0:
        return iou.new_full((iou.shape[1],), BACKGROUND, dtype=torch.int64)
    best_iou, best = iou.max(dim=0)
    matched = best.clone()
    matched[best_iou < high] = IGNORED
    matched[best_iou < low] = BACKGROUND
    if allow_low_quality:
        attains = (iou == iou.max(dim=1, keepdim=True).values).any(dim=0)
        matched = torch.where(attains, best, matched)
    return matched

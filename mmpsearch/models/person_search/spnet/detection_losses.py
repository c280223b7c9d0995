"""SPNet's detection losses (paper, section 3.3), as functions of tensors."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import sigmoid_focal_loss

from mmpsearch.models.layers.global_mean import share_per_rank

# What a sum of logit losses is divided by
AVERAGES = {
    "matches": Tensor.sum,
    "all": lambda is_match: torch.ones_like(is_match).sum(),
}


def focal_match_loss(
    logits: Tensor,
    is_match: Tensor,
    average: str = "matches",
    alpha: float = 0.5,
    gamma: float = 1.0,
) -> Tensor:
    """Focal loss of anchor logits.

    Args:
        logits: ``(N,)`` of all anchors that are not ignored.
        is_match: ``(N,)`` bool.
        average: divide the sum by ``max(1, matches)`` (``'matches'``, the public code,
            whose numbers are published) or by ``N`` (``'all'``, as the paper reads).
        alpha: weight of matches (``1 - alpha`` of the others).
        gamma: focusing exponent.

    Returns:
        Scalar, float32.
    """
    total = sigmoid_focal_loss(
        logits.float(), is_match.float(), alpha, gamma, reduction="sum"
    )
    return total / share_per_rank(AVERAGES[average](is_match))


def binary_match_loss(
    logits: Tensor, is_match: Tensor, average: str = "matches"
) -> Tensor:
    """Binary cross entropy of the logits of sampled boxes.

    Args:
        logits: ``(N,)`` of sampled boxes.
        is_match: ``(N,)`` bool.
        average: as in :func:`focal_match_loss`.

    Returns:
        Scalar, float32.
    """
    total = F.binary_cross_entropy_with_logits(
        logits.float(), is_match.float(), reduction="sum"
    )
    return total / share_per_rank(AVERAGES[average](is_match))


def giou_loss(boxes: Tensor, targets: Tensor) -> Tensor:
    """Mean generalised IoU loss of matched boxes.

    Args:
        boxes: ``(N, 4)`` decoded, not clipped, xyxy.
        targets: ``(N, 4)`` xyxy.

    Returns:
        Scalar, float32; 0 (with gradient) for ``N = 0``.
    """
    total = (1 - _paired_giou(boxes.float(), targets.float())).sum()
    return total / share_per_rank(torch.tensor(len(boxes), device=boxes.device))


def _paired_giou(first: Tensor, second: Tensor, eps: float = 1e-7) -> Tensor:
    """``(N,)`` generalised IoU of boxes row by row.

    As torchvision's loss has it, whose choice of overlapping boxes waits for the GPU
    five times.
    """
    corner, end = first.split(2, dim=1)
    other_corner, other_end = second.split(2, dim=1)
    sides = torch.minimum(end, other_end) - torch.maximum(corner, other_corner)
    overlap = torch.where((sides > 0).all(dim=1), _area(sides), 0)
    union = _area(end - corner) + _area(other_end - other_corner) - overlap
    hull = _area(torch.maximum(end, other_end) - torch.minimum(corner, other_corner))
    return overlap / (union + eps) - (hull - union) / (hull + eps)


def _area(sides: Tensor) -> Tensor:
    """``(N,)`` of sides ``(N, 2)``; the gradient of ``prod`` would ask the GPU."""
    return sides[:, 0] * sides[:, 1]

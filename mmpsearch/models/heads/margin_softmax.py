"""Margins in the softmax over identities: functions of cosine logits.

All take cosines of embeddings and class weights and give the logits for an ordinary
cross entropy; samples without a label (target -1) have no class to favour.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def _is_target(cosines: Tensor, targets: Tensor) -> Tensor:
    classes = torch.arange(cosines.shape[1], device=cosines.device)
    return targets[:, None] == classes[None]


def circle_softmax(
    cosines: Tensor, targets: Tensor, scale: float = 64.0, margin: float = 0.35
) -> Tensor:
    """Circle loss with class weights (Sun et al., CVPR 2020, section 3.3).

    Args:
        cosines: ``(N, C)`` in -1..1.
        targets: ``(N,)`` int64, -1 unlabelled.
        scale: ``gamma``.
        margin: ``m``.

    Returns:
        ``(N, C)`` logits. The self-paced weights have no gradient.
    """
    fixed = cosines.detach()
    own = (1 + margin - fixed).clamp(min=0) * (cosines - (1 - margin))
    other = (fixed + margin).clamp(min=0) * (cosines - margin)
    return scale * torch.where(_is_target(cosines, targets), own, other)


def arc_softmax(
    cosines: Tensor, targets: Tensor, scale: float = 30.0, margin: float = 0.5
) -> Tensor:
    """ArcFace: ``cos(angle + margin)`` for the target.

    Where the angle exceeds ``pi - margin`` the cosine falls linearly instead, as in the
    public code, so that it goes on falling.

    Args and returns: as :func:`circle_softmax`.
    """
    sines = (1 - cosines**2).clamp(min=1e-12).sqrt()
    rotated = cosines * math.cos(margin) - sines * math.sin(margin)
    beyond = cosines - math.sin(math.pi - margin) * margin
    own = torch.where(cosines > math.cos(math.pi - margin), rotated, beyond)
    return scale * torch.where(_is_target(cosines, targets), own, cosines)


def cos_softmax(
    cosines: Tensor, targets: Tensor, scale: float = 30.0, margin: float = 0.35
) -> Tensor:
    """CosFace: the target's cosine minus a margin; as :func:`circle_softmax`."""
    return scale * (cosines - margin * _is_target(cosines, targets))


def plain_softmax(
    cosines: Tensor, targets: Tensor, scale: float = 30.0, margin: float = 0.0
) -> Tensor:
    """Scaled cosines without margin; ``targets`` and ``margin`` are not used."""
    return scale * cosines


def cosine_logits(embeddings: Tensor, weights: Tensor) -> Tensor:
    """Cosines ``(N, C)`` of embeddings ``(N, D)`` and class weights ``(C, D)``."""
    return F.linear(F.normalize(embeddings, dim=1), F.normalize(weights, dim=1))

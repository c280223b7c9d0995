"""Pairwise circle loss, and CosFace's pairwise form, over a batch.

Sun et al., "Circle Loss", CVPR 2020, equation 6; both as in fast-reid: every sample is
an anchor, positives exclude the anchor itself, and the mean is taken over anchors.
The softmax form for classifiers is in :mod:`.margin_softmax`.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.losses.pairs import cosine_similarities, gather_pairs
from mmpsearch.registry import MODELS

Form = Literal["circle", "cosface"]


def circle_losses(
    similarities: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 0.25,
    scale: float = 128.0,
    form: Form = "circle",
) -> Tensor:
    """Loss of every anchor; 0 for anchors without a positive or without a negative.

    Args:
        similarities: ``(N, M)`` cosines.
        positive: ``(N, M)`` bool, same person, without the anchor itself.
        negative: ``(N, M)`` bool, another person.
        margin: ``m``.
        scale: ``gamma``.
        form: ``circle`` weighs pairs by their distance from the optimum, without
            gradient through the weights; ``cosface`` does not weigh them.

    Returns:
        ``(N,)``.
    """
    if form == "circle":
        fixed = similarities.detach()
        pull = -(1 + margin - fixed).clamp(min=0) * (similarities - (1 - margin))
        push = (fixed + margin).clamp(min=0) * (similarities - margin)
    elif form == "cosface":
        pull, push = -similarities, similarities + margin
    else:
        raise ValueError(f"form must be 'circle' or 'cosface', got {form!r}")
    lowest = torch.finfo(similarities.dtype).min / 4
    pulls = (scale * pull).masked_fill(~positive, lowest).logsumexp(dim=1)
    pushes = (scale * push).masked_fill(~negative, lowest).logsumexp(dim=1)
    valid = positive.any(dim=1) & negative.any(dim=1)
    return F.softplus(pulls + pushes).where(valid, torch.zeros_like(pulls))


@MODELS.register_module()
class CircleLoss(nn.Module):
    """Pairwise circle loss, mean over the labelled samples of all ranks.

    Args:
        margin: ``m``.
        scale: ``gamma``.
        form: see :func:`circle_losses`.
        loss_weight: factor of the result.
    """

    needs_pairs = True

    def __init__(
        self,
        margin: float = 0.25,
        scale: float = 128.0,
        form: Form = "circle",
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.margin, self.scale, self.form = margin, scale, form
        self.loss_weight = loss_weight

    def forward(self, embeddings: Tensor, person_ids: Tensor) -> Tensor:
        """Args: embeddings ``(N, D)``, person_ids ``(N,)``, -1 unlabelled. Scalar."""
        pairs = gather_pairs(embeddings, person_ids)
        losses = circle_losses(
            cosine_similarities(pairs.anchors, pairs.others),
            pairs.same & ~pairs.itself,
            ~pairs.same,
            self.margin,
            self.scale,
            self.form,
        )
        total = losses.sum() + 0 * pairs.others.sum()
        return self.loss_weight * total / share_per_rank(total.new_tensor(len(losses)))

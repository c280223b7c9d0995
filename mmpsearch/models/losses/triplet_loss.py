"""Triplet losses over all pairs of a batch: hardest, or softmax-weighted, examples.

What differs between public implementations, and how to get each here:

- fast-reid, TransReID and torchreid agree on raw embeddings (``mining='hard'``).
- On normalised embeddings fast-reid compares ``2 - 2 cos``, the *squared* distance
  (``distance='squared_cosine'``), TransReID its root (``'normalised'``).
- ``margin=None`` is the soft margin ``log(1 + exp(d_ap - d_an))``; fast-reid writes
  it ``margin=0``.
- AGW's weighted-regularised triplet is ``mining='weighted', margin=None``. CAJ's
  enhanced form squares the difference, keeps its sign and caps it (``squared=True``).
- All weighted forms add 1e-6 to the softmax's denominators, which is not small beside
  ``exp(-distance)`` of un-normalised embeddings: beyond a distance of about 12 their
  negatives vanish (``floor=1e-6``, which the configs of published rows have). By
  default the softmax is a true one, at any distance.
- In all of them the anchor counts among its own positives. An identity with one image
  in the batch therefore has the positive distance 0 and still pushes others away.
- Where a batch holds a single identity, the public losses compare with an invented
  negative (distance 1e9, or 0); here such anchors give 0.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.losses.pairs import (
    Pairs,
    cosine_similarities,
    euclidean_distances,
    gather_pairs,
)
from mmpsearch.registry import MODELS

Distance = Literal["euclidean", "normalised", "squared_cosine"]
Mining = Literal["hard", "weighted"]
SQUARE_CAP = 88.0  # exp() of more overflows float32


def hard_examples(distances: Tensor, same: Tensor) -> tuple[Tensor, Tensor]:
    """The farthest positive and the nearest negative of every anchor.

    Args:
        distances: ``(N, M)``.
        same: ``(N, M)`` bool, same person.

    Returns:
        Two ``(N,)``; without a negative the second is infinite.
    """
    farthest = distances.masked_fill(~same, 0).amax(dim=1)
    nearest = distances.masked_fill(same, torch.inf).amin(dim=1)
    return farthest, nearest


def weighted_examples(
    distances: Tensor, same: Tensor, sharpness: float = 1.0, floor: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Mean positive and negative distance, by softmax weights (AGW, section 4).

    Far positives and near negatives weigh most; the weights take part in the gradient,
    as in the public code.

    Args:
        distances: ``(N, M)``.
        same: ``(N, M)`` bool, same person.
        sharpness: factor of the distances inside the softmax.
        floor: added to the softmax's denominators; 0 is the true softmax. The public
            code has 1e-6, and the negatives' denominator there is a sum of
            ``exp(-distance)``: from a distance of about 12 on the floor outweighs it
            and their mean distance falls towards 0.

    Returns:
        Two ``(N,)``; without a negative the second is infinite.
    """
    scores = sharpness * distances
    highest = scores.masked_fill(~same, 0).amax(dim=1, keepdim=True)
    positive = _weighted_mean(distances, scores - highest, same, floor)
    shift = 0
    if not floor:
        shift = scores.masked_fill(same, torch.inf).amin(dim=1, keepdim=True)
        shift = shift.where(shift.isfinite(), torch.zeros_like(shift))
    negative = _weighted_mean(distances, shift - scores, ~same, floor)
    return positive, negative.masked_fill(same.all(dim=1), torch.inf)


def _weighted_mean(
    values: Tensor, exponents: Tensor, mask: Tensor, floor: float
) -> Tensor:
    # other samples' exponents can be large: masked before exp, so as to stay finite
    weights = exponents.masked_fill(~mask, 0).exp() * mask
    total = weights.sum(dim=1) + floor
    return (weights * values).sum(dim=1) / total.clamp(
        min=torch.finfo(total.dtype).tiny
    )


def triplet_losses(
    positive: Tensor,
    negative: Tensor,
    margin: float | None = None,
    scale: float = 1.0,
    squared: bool = False,
) -> Tensor:
    """Loss of every anchor.

    Args:
        positive: ``(N,)`` distance to the positive.
        negative: ``(N,)`` distance to the negative; infinite gives 0.
        margin: hinge's margin; None for the soft margin.
        scale: factor of the difference (soft margin only).
        squared: take the signed square of the difference, at most 88 (CAJ; soft
            margin only).

    Returns:
        ``(N,)``.
    """
    valid = negative.isfinite()
    difference = positive - negative.where(valid, positive.detach())
    if margin is not None:
        losses = F.relu(difference + margin)
    else:
        if squared:
            square = (scale * difference**2).clamp(max=SQUARE_CAP)
            difference = difference.detach().sign() * square
        else:
            difference = scale * difference
        losses = F.softplus(difference, threshold=50)
    return losses.where(valid, torch.zeros_like(losses))


def pair_distances(a: Tensor, b: Tensor, kind: Distance) -> Tensor:
    """``(N, D), (M, D) -> (N, M)``: one of the distances in the module's text."""
    a, b = at_least_float32(a), at_least_float32(b)
    if kind == "squared_cosine":
        return 2 - 2 * cosine_similarities(a, b)
    if kind == "normalised":
        a, b = F.normalize(a, dim=1), F.normalize(b, dim=1)
    return euclidean_distances(a, b)


@MODELS.register_module()
class TripletLoss(nn.Module):
    """Triplet loss, mean over the labelled samples of all ranks.

    Positives and negatives are looked for on all ranks: two ranks learn what one
    process with the whole batch would.

    Args:
        margin: hinge's margin; None for the soft margin.
        mining: ``hard`` or ``weighted`` (AGW).
        distance: see the module's text.
        sharpness: of the weights (``weighted``; CAJ's alpha).
        floor: of the weights' denominators, see :func:`weighted_examples`.
        scale: of the difference (soft margin; CAJ's gamma).
        squared: CAJ's signed square of the difference.
        loss_weight: factor of the result.
    """

    needs_pairs = True

    def __init__(
        self,
        margin: float | None = 0.3,
        mining: Mining = "hard",
        distance: Distance = "euclidean",
        sharpness: float = 1.0,
        floor: float = 0.0,
        scale: float = 1.0,
        squared: bool = False,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if mining not in ("hard", "weighted"):
            raise ValueError(f"mining must be 'hard' or 'weighted', got {mining!r}")
        if distance not in ("euclidean", "normalised", "squared_cosine"):
            raise ValueError(
                "distance must be 'euclidean', 'normalised' or 'squared_cosine', got "
                f"{distance!r}"
            )
        if margin is not None and (squared or scale != 1.0):
            raise ValueError("scale and squared need the soft margin, margin=None")
        self.margin, self.mining, self.distance = margin, mining, distance
        self.sharpness, self.floor = sharpness, floor
        self.scale, self.squared = scale, squared
        self.loss_weight = loss_weight

    def forward(self, embeddings: Tensor, person_ids: Tensor) -> Tensor:
        """Args: embeddings ``(N, D)``, person_ids ``(N,)``, -1 unlabelled. Scalar."""
        pairs = gather_pairs(embeddings, person_ids)
        if not len(pairs.anchors):  # other ranks wait for this one in backward
            total = embeddings.sum() * 0 + pairs.others.sum() * 0
            return total / share_per_rank(total.new_tensor(0))
        positive, negative = self.examples(pairs)
        losses = triplet_losses(
            positive, negative, self.margin, self.scale, self.squared
        )
        count = losses.new_tensor(len(losses))
        return self.loss_weight * losses.sum() / share_per_rank(count)

    def examples(self, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """Distances ``(N,)`` to each anchor's positive and negative example."""
        distances = pair_distances(pairs.anchors, pairs.others, self.distance)
        if self.mining == "hard":
            return hard_examples(distances, pairs.same)
        return weighted_examples(distances, pairs.same, self.sharpness, self.floor)

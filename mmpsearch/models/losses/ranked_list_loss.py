"""Ranked list loss with limits of its own within and across modalities.

Ranked list loss (Wang et al., CVPR 2019) as used by the public code of variational
distillation (Tian et al., CVPR 2021) on L2-normalised embeddings: the positives of an
anchor are pulled within ``alpha - margin``, the negatives nearer than ``alpha`` pushed
beyond it, the nearest hardest. The four terms (positives and negatives, same and other
modality) are added. The code adds 1e-5 to counts and to sums of weights; here a term
without pairs is 0 and nothing is added.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.losses.pairs import UNLABELLED, euclidean_distances, gather_pairs
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import gather_without_gradient


def ranked_list_losses(
    distances: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float,
    alpha: float,
    sharpness: float = 1.0,
) -> Tensor:
    """Loss of every anchor.

    Args:
        distances: ``(N, M)``.
        positive: ``(N, M)`` bool, the anchor's positives.
        negative: ``(N, M)`` bool, its negatives.
        margin: of the hypersphere inside ``alpha``.
        alpha: distance that negatives keep.
        sharpness: of the negatives' weights ``exp(sharpness * (alpha - d))``.

    Returns:
        ``(N,)``.
    """
    excess = F.relu(distances - (alpha - margin)) * positive
    pull = excess.sum(dim=1) / positive.sum(dim=1).clamp(min=1)
    near = negative & (distances < alpha)
    depths = (alpha - distances).where(near, torch.zeros_like(distances))
    weights = (sharpness * depths).exp() * near  # depths are >= 0: weights >= 1
    push = (weights * depths).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
    return pull + push


@MODELS.register_module()
class CrossModalityRankedListLoss(nn.Module):
    """Mean ranked list loss over the labelled samples of all ranks.

    Args:
        margins: margin within a modality, and across.
        alphas: distance of negatives within a modality, and across.
        sharpness: of the negatives' weights.
        loss_weight: factor of the result.
    """

    needs_pairs = True

    def __init__(
        self,
        margins: tuple[float, float] = (0.9, 1.0),
        alphas: tuple[float, float] = (2.2, 2.0),
        sharpness: float = 1.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.margins, self.alphas = tuple(margins), tuple(alphas)
        self.sharpness, self.loss_weight = sharpness, loss_weight

    def forward(
        self, embeddings: Tensor, person_ids: Tensor, modalities: Tensor
    ) -> Tensor:
        """Loss of a batch.

        Args:
            embeddings: ``(N, D)``; normalised here.
            person_ids: ``(N,)`` int64, -1 unlabelled.
            modalities: ``(N,)`` int64, 0 RGB, 1 infrared.

        Returns:
            Scalar.
        """
        pairs = gather_pairs(F.normalize(embeddings, dim=1), person_ids)
        own = modalities[person_ids != UNLABELLED]
        same_modality = own[:, None] == gather_without_gradient(own)[None]
        distances = euclidean_distances(pairs.anchors, pairs.others)
        losses = distances.sum(dim=1) * 0
        modality_pairs = (same_modality, ~same_modality)
        for kind, margin, alpha in zip(
            modality_pairs, self.margins, self.alphas, strict=True
        ):
            losses = losses + ranked_list_losses(
                distances,
                kind & pairs.same & ~pairs.itself,
                kind & ~pairs.same,
                margin,
                alpha,
                self.sharpness,
            )
        count = losses.new_tensor(len(losses))
        return self.loss_weight * losses.sum() / share_per_rank(count)

"""Centre loss: pull embeddings to the mean of their identity.

Wen et al., ECCV 2016. Differences between public implementations:

- Wen's paper halves the sum of squares; BoT's code divides by the batch size instead
  and does not halve. The latter is used here.
- BoT's code bounds every entry of the *masked* ``(N, C)`` matrix by 1e-12 from below,
  which adds the constant ``(C - 1) * 1e-12``; left out here.
- The centres learn on their own, independent of the loss's weight. BoT uses a second
  SGD with learning rate 0.5 on the un-weighted loss; that equals
  :func:`moved_centers` with ``rate=0.5`` (gradient ``2 (c - x) / N``). Wen divides by
  ``1 + n`` per identity instead of ``N / 2``.
"""

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import update_on_all_ranks

UNLABELLED = -1


def center_losses(embeddings: Tensor, person_ids: Tensor, centers: Tensor) -> Tensor:
    """Squared distance of every sample to its centre.

    Args:
        embeddings: ``(N, D)``.
        person_ids: ``(N,)`` int64 in ``0..C-1``.
        centers: ``(C, D)``.

    Returns:
        ``(N,)``.
    """
    return (at_least_float32(embeddings) - centers[person_ids]).square().sum(dim=1)


def moved_centers(
    embeddings: Tensor, person_ids: Tensor, centers: Tensor, rate: float = 0.5
) -> Tensor:
    """One step of gradient descent of the mean centre loss.

    Args:
        embeddings: ``(N, D)``.
        person_ids: ``(N,)`` int64.
        centers: ``(C, D)``.
        rate: learning rate.

    Returns:
        ``(C, D)``; centres of identities that are not in the batch stay.
    """
    if not len(embeddings):
        return centers
    pull = (centers[person_ids] - embeddings.to(centers.dtype)) * (2 / len(embeddings))
    return centers.index_add(0, person_ids, pull, alpha=-rate)


@MODELS.register_module()
class CenterLoss(nn.Module):
    """Mean centre loss over the labelled samples of all ranks; moves its centres.

    The centres are a buffer: they move in every training step, after the loss was
    computed, by the samples of all ranks, and are equal on all ranks.

    Args:
        num_identities: ``C``.
        embed_dims: ``D``.
        rate: learning rate of the centres.
        loss_weight: factor of the result; BoT uses 0.0005.
    """

    def __init__(
        self,
        num_identities: int,
        embed_dims: int,
        rate: float = 0.5,
        loss_weight: float = 0.0005,
    ) -> None:
        super().__init__()
        self.rate, self.loss_weight = rate, loss_weight
        self.register_buffer("centers", torch.randn(num_identities, embed_dims))

    def forward(self, embeddings: Tensor, person_ids: Tensor) -> Tensor:
        """Args: embeddings ``(N, D)``, person_ids ``(N,)``, -1 unlabelled. Scalar."""
        labelled = (person_ids != UNLABELLED).nonzero().flatten()
        embeddings, person_ids = embeddings[labelled], person_ids[labelled]
        losses = center_losses(embeddings, person_ids, self.centers.clone())
        if self.training:
            update_on_all_ranks(
                [self.centers], self._move, embeddings.detach(), person_ids
            )
        count = losses.new_tensor(len(losses))
        return self.loss_weight * losses.sum() / share_per_rank(count)

    def _move(self, embeddings: Tensor, person_ids: Tensor) -> None:
        moved = moved_centers(embeddings, person_ids, self.centers, self.rate)
        self.centers.copy_(moved)

"""Centre-cluster loss: samples near the centre of their person, centres apart.

MPANet (Wu et al., "Discover Cross-Modality Nuances for Visible-Infrared Person
Re-Identification", CVPR 2021). The centres are those of the batch, over both
modalities. The published code repeats a centre for each of its samples; with equally
many samples per person that is the mean over people which is taken here.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.losses.pairs import UNLABELLED, euclidean_distances
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import (
    gather_with_gradient,
    gather_without_gradient,
)


def identity_centers(
    embeddings: Tensor, person_ids: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean embedding of every person of a batch.

    Args:
        embeddings: ``(N, D)``.
        person_ids: ``(N,)`` int64.

    Returns:
        centres ``(K, D)``, each sample's centre ``(N,)`` in ``0..K-1``, and the ids
        ``(K,)`` of the centres, ascending.
    """
    ids, index = person_ids.unique(return_inverse=True)
    sums = embeddings.new_zeros(len(ids), embeddings.shape[1])
    sums = sums.index_add(0, index, embeddings)
    counts = torch.bincount(index, minlength=len(ids))
    return sums / counts[:, None], index, ids


def center_cluster_terms(
    embeddings: Tensor, person_ids: Tensor, margin: float = 0.7
) -> tuple[Tensor, Tensor]:
    """Both terms of the loss, on one batch.

    Args:
        embeddings: ``(N, D)``.
        person_ids: ``(N,)`` int64, all labelled.
        margin: Euclidean distance that two centres keep.

    Returns:
        Mean distance of the samples to their centre, and the mean of
        ``max(0, margin - distance)`` over pairs of different centres; each 0 where
        there is nothing to average.
    """
    nothing = embeddings.sum() * 0
    if not len(embeddings):
        return nothing, nothing
    centers, index, _ = identity_centers(embeddings, person_ids)
    squares = (embeddings - centers[index]).square().sum(dim=1)
    pull = squares.clamp(min=1e-12).sqrt().mean()
    if len(centers) == 1:
        return pull, nothing
    different = ~torch.eye(len(centers), dtype=torch.bool, device=centers.device)
    distances = euclidean_distances(centers, centers)[different]
    return pull, F.relu(margin - distances).mean()


@MODELS.register_module()
class CenterClusterLoss(nn.Module):
    """Sum of :func:`center_cluster_terms` over the labelled samples of all ranks.

    Args:
        margin: distance that two centres keep.
        loss_weight: factor of the result.
    """

    def __init__(self, margin: float = 0.7, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.margin, self.loss_weight = margin, loss_weight

    def forward(self, embeddings: Tensor, person_ids: Tensor) -> Tensor:
        """Args: embeddings ``(N, D)``, person_ids ``(N,)``, -1 unlabelled. Scalar."""
        labelled = (person_ids != UNLABELLED).nonzero().flatten()
        rows = gather_with_gradient(at_least_float32(embeddings)[labelled])
        ids = gather_without_gradient(person_ids[labelled])
        pull, push = center_cluster_terms(rows, ids, self.margin)
        return self.loss_weight * (pull + push)

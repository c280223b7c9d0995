"""Contrast between the RGB centres and the infrared centres of a batch.

NFS (Chen et al., "Neural Feature Search for RGB-Infrared Person Re-Identification",
CVPR 2021) asks for features of one person to be close over the modalities and far from
other people's. Its code is not public; the form below is this project's.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.losses.center_cluster_loss import identity_centers
from mmpsearch.models.losses.pairs import UNLABELLED, cosine_similarities
from mmpsearch.registry import MODELS
from mmpsearch.utils.distributed import (
    gather_with_gradient,
    gather_without_gradient,
)


def center_contrast(
    rgb: Tensor, rgb_ids: Tensor, ir: Tensor, ir_ids: Tensor, margin: float = 0.3
) -> Tensor:
    """Loss of one batch.

    Args:
        rgb: ``(N, D)`` embeddings of RGB samples.
        rgb_ids: ``(N,)`` int64, all labelled.
        ir: ``(M, D)`` embeddings of infrared samples.
        ir_ids: ``(M,)`` int64, all labelled.
        margin: cosine up to which different people are let be.

    Returns:
        Scalar: mean ``1 - cos`` of the two centres of each person, plus mean
        ``max(0, cos - margin)`` of an RGB and an infrared centre of different people.
        A term without pairs is 0.
    """
    if not len(rgb) or not len(ir):
        return rgb.sum() * 0 + ir.sum() * 0
    rgb_centers, _, rgb_people = identity_centers(rgb, rgb_ids)
    ir_centers, _, ir_people = identity_centers(ir, ir_ids)
    cosines = cosine_similarities(rgb_centers, ir_centers)
    same = rgb_people[:, None] == ir_people[None]
    terms = [(1 - cosines)[same], F.relu(cosines - margin)[~same]]
    return sum(term.sum() / max(len(term), 1) for term in terms)


@MODELS.register_module()
class CenterContrastLoss(nn.Module):
    """:func:`center_contrast` of the labelled samples of all ranks.

    Args:
        margin: cosine up to which different people are let be.
        loss_weight: factor of the result.
    """

    def __init__(self, margin: float = 0.3, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.margin, self.loss_weight = margin, loss_weight

    def forward(
        self, embeddings: Tensor, person_ids: Tensor, modalities: Tensor
    ) -> Tensor:
        """Loss of a batch.

        Args:
            embeddings: ``(N, D)``.
            person_ids: ``(N,)`` int64, -1 unlabelled.
            modalities: ``(N,)`` int64, 0 RGB, 1 infrared.

        Returns:
            Scalar.
        """
        labelled = (person_ids != UNLABELLED).nonzero().flatten()
        rows = gather_with_gradient(at_least_float32(embeddings)[labelled])
        ids = gather_without_gradient(person_ids[labelled])
        ir = gather_without_gradient(modalities[labelled]) == 1
        value = center_contrast(rows[~ir], ids[~ir], rows[ir], ids[ir], self.margin)
        return self.loss_weight * value

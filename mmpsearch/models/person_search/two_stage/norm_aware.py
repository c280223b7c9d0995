"""Norm-aware embeddings (Chen et al., CVPR 2020): direction = who, length = person."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.linalg import vector_norm

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d, SafeBatchNorm2d
from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32


class NormAwareEmbedding(nn.Module):
    """Vectors before and after conv5, projected and concatenated.

    Args:
        in_channels: channels of the two vectors.
        embed_dims: size of the embedding, even.
    """

    def __init__(self, in_channels: Sequence[int], embed_dims: int = 256) -> None:
        super().__init__()
        self.projections = nn.ModuleList(
            _projection(nn.Linear(c, embed_dims // 2), SafeBatchNorm1d(embed_dims // 2))
            for c in in_channels
        )
        self.rescale = SafeBatchNorm1d(1)

    def forward(self, before: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
        """Args: maps ``(N, C4, ., .)`` and ``(N, C5, ., .)`` of regions.

        Returns:
            Embeddings ``(N, D)``, L2-normalised, and logits ``(N,)`` of being a person.
        """
        vectors = [
            projection(x.amax(dim=(2, 3)))
            for projection, x in zip(self.projections, (before, after), strict=True)
        ]
        x = at_least_float32(torch.cat(vectors, dim=1))
        norms = vector_norm(x, dim=1, keepdim=True)
        return x / norms.clamp(min=1e-12), self.rescale(norms)[:, 0]


class PixelWiseEmbedding(nn.Module):
    """NAE+: the same at every position; the mean is weighted by person-ness.

    Args:
        in_channels: channels of the two maps.
        embed_dims: size of the embedding, even.
    """

    def __init__(self, in_channels: Sequence[int], embed_dims: int = 256) -> None:
        super().__init__()
        self.projections = nn.ModuleList(
            _projection(
                nn.Conv2d(c, embed_dims // 2, kernel_size=1),
                SafeBatchNorm2d(embed_dims // 2),
            )
            for c in in_channels
        )
        self.rescale = SafeBatchNorm2d(1)

    def forward(self, before: Tensor, after: Tensor) -> tuple[Tensor, Tensor]:
        """Args: maps ``(N, C4, ., .)`` and ``(N, C5, h, w)`` of regions.

        Returns:
            Embeddings ``(N, D)``, not normalised, and logits ``(N, h, w)``.
        """
        fine, coarse = (
            projection(x)
            for projection, x in zip(self.projections, (before, after), strict=True)
        )
        if len(fine):
            fine = F.interpolate(fine, size=coarse.shape[2:], mode="bilinear")
        else:  # interpolation refuses to do nothing
            fine = fine[:, :, : coarse.shape[2], : coarse.shape[3]]
        x = at_least_float32(torch.cat([fine, coarse], dim=1))
        norms = vector_norm(x, dim=1, keepdim=True)
        logits = self.rescale(norms)
        attended = x / norms.clamp(min=1e-12) * logits.sigmoid()
        return attended.mean(dim=(2, 3)), logits[:, 0]


def _projection(layer: nn.Module, norm: nn.Module) -> nn.Sequential:
    for module in (layer, norm):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)
    return nn.Sequential(layer, norm)


def cell_coverage(boxes: Tensor, targets: Tensor, size: Sequence[int]) -> Tensor:
    """Which share of every cell of a box lies in its target.

    Args:
        boxes: ``(N, 4)`` xyxy, divided into ``size`` cells.
        targets: ``(N, 4)`` xyxy.
        size: rows and columns.

    Returns:
        ``(N, rows, columns)`` in [0, 1].
    """
    covered = []
    for axis, number in ((1, size[0]), (0, size[1])):
        start, side = boxes[:, axis], boxes[:, axis + 2] - boxes[:, axis]
        edges = torch.linspace(0, 1, number + 1, device=boxes.device)
        edges = start[:, None] + side[:, None] * edges
        low = torch.maximum(edges[:, :-1], targets[:, axis, None])
        high = torch.minimum(edges[:, 1:], targets[:, axis + 2, None])
        cell = (side[:, None] / number).clamp(min=1e-12)
        covered.append(((high - low).clamp(min=0) / cell).clamp(max=1))
    return covered[0][:, :, None] * covered[1][:, None, :]


def pixel_wise_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean binary cross entropy over all positions of all ranks' regions.

    Args:
        logits: ``(N, h, w)``.
        targets: ``(N, h, w)`` in [0, 1].
    """
    total = F.binary_cross_entropy_with_logits(logits, targets, reduction="sum")
    return total / share_per_rank(torch.tensor(logits.numel(), device=logits.device))

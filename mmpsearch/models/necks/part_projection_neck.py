"""One small embedding per stripe, as in PCB."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.necks.stripe_neck import split_rows
from mmpsearch.registry import MODELS


@MODELS.register_module()
class PartProjectionNeck(nn.Module):
    """Mean of every stripe, then a convolution, batch norm and ReLU of its own.

    MMGL's projection head; both modalities share it. The paper names the 1 x 1
    convolution; batch norm and ReLU are those of the PCB code that it builds on. On one
    position a 1 x 1 convolution is a linear layer.

    Args:
        in_channels: channels ``C`` of the map.
        embed_dims: ``D`` of a stripe's embedding.
        num_stripes: ``S``; the map's height must be a multiple.
        relu: whether the ReLU is there; with it, cosines are in [0, 1].
    """

    def __init__(
        self,
        in_channels: int = 2048,
        embed_dims: int = 256,
        num_stripes: int = 6,
        relu: bool = True,
    ) -> None:
        super().__init__()
        self.embed_dims, self.num_stripes = embed_dims, num_stripes
        self.projections = nn.ModuleList()
        for _ in range(num_stripes):
            linear = nn.Linear(in_channels, embed_dims)
            layers = [linear, SafeBatchNorm1d(embed_dims)]
            self.projections.append(nn.Sequential(*layers, *[nn.ReLU()] * relu))

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Args: features, the last ``(B, C, h, w)``. Returns ``(B, S, D)``."""
        stripes = split_rows(features[-1], self.num_stripes)
        parts = [
            project(stripe.mean(dim=(2, 3)))
            for project, stripe in zip(self.projections, stripes, strict=True)
        ]
        return torch.stack(parts, dim=1)

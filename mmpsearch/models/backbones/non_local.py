"""Non-local block of AGW."""

import torch
from torch import Tensor, nn


class NonLocalBlock(nn.Module):
    """Adds to every position what all positions see, weighted by affinity.

    As AGW's released code, which differs from Wang et al. (CVPR 2018): the affinities
    are dot products divided by the number of positions, without softmax, and the inner
    width is **one** channel (``reduc_ratio // reduc_ratio``). The last batch norm
    starts at zero, so that the block starts as the identity.

    Args:
        channels: ``C``.
        inner_channels: width of the affinities.
    """

    def __init__(self, channels: int, inner_channels: int = 1) -> None:
        super().__init__()
        self.g = nn.Conv2d(channels, inner_channels, 1)
        self.theta = nn.Conv2d(channels, inner_channels, 1)
        self.phi = nn.Conv2d(channels, inner_channels, 1)
        self.W = nn.Sequential(
            nn.Conv2d(inner_channels, channels, 1), nn.BatchNorm2d(channels)
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """PyTorch's initialisation; the block starts as the identity."""
        for convolution in (self.g, self.theta, self.phi, self.W[0]):
            convolution.reset_parameters()
        nn.init.zeros_(self.W[1].weight)
        nn.init.zeros_(self.W[1].bias)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, H, W)``. Same shape."""
        values = self.g(x).flatten(2)  # (B, D, HW)
        queries, keys = self.theta(x).flatten(2), self.phi(x).flatten(2)
        # (queries^T keys) values^T = queries^T (keys values^T): no HW x HW matrix
        mixed = torch.einsum("bdk,bek->bde", keys, values / values.shape[2])
        seen = torch.einsum("bdq,bde->beq", queries, mixed)
        return x + self.W(seen.unflatten(2, x.shape[2:]))

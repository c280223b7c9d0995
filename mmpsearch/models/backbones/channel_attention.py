"""Attention between channels (Fu et al., "Dual Attention Network", CVPR 2019)."""

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32, full_precision


class ChannelAttention(nn.Module):
    """Adds to every channel a mean of all channels, the least similar foremost.

    ``x + gamma * softmax(max - x x^T) x`` over positions; ``gamma``, its only
    parameter, starts at 0, so that the block starts as the identity.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, H, W)``. Same shape and dtype."""
        with full_precision(x):
            rows = at_least_float32(x).flatten(2)
            products = rows @ rows.transpose(1, 2)
            weights = (products.amax(dim=2, keepdim=True) - products).softmax(dim=2)
            mixed = (weights @ rows).view_as(x)
        return x + (self.gamma * mixed).to(x.dtype)

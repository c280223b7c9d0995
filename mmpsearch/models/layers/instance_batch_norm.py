"""IBN: instance norm for half of the channels, batch norm for the others."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class InstanceBatchNorm(nn.Module):
    """IBN-a's norm (Pan et al., ECCV 2018); parameters named as in the public code.

    Args:
        channels: ``C``; the first half is instance-normalised.
        batch_norm: class of the batch norm, made with the number of channels.
    """

    def __init__(
        self, channels: int, batch_norm: Callable[[int], nn.Module] = nn.BatchNorm2d
    ) -> None:
        super().__init__()
        self.half = channels // 2
        self.IN = nn.InstanceNorm2d(self.half, affine=True)
        self.BN = batch_norm(channels - self.half)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, H, W)``. Same shape."""
        first, second = x[:, : self.half], x[:, self.half :]
        return torch.cat((self.IN(first.contiguous()), self.BN(second.contiguous())), 1)

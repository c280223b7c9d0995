"""Pooling of feature maps to vectors."""

from typing import Literal

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32

Pooling = Literal["avg", "max", "avg_max", "gem", "gem_fixed"]


class GeneralisedMean(nn.Module):
    """Mean of powers with a learnt exponent (GeM; Radenovic et al., PAMI 2019).

    Computes in float32 under mixed precision.

    Args:
        power: initial exponent; 1 is the mean, large values approach the maximum.
        learnt: whether it is a parameter, as in AGW and SBS.
        eps: values below are raised to it.
    """

    def __init__(
        self, power: float = 3.0, learnt: bool = True, eps: float = 1e-6
    ) -> None:
        super().__init__()
        self.power = nn.Parameter(torch.tensor([power]), requires_grad=learnt)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, H, W)``. Returns ``(B, C)``, at least float32."""
        powers = at_least_float32(x).clamp(min=self.eps) ** self.power
        return powers.mean(dim=(2, 3)) ** (1 / self.power)


class FixedGeneralisedMean(nn.Module):
    """Root of the mean of third powers, of maps that a ReLU made.

    As AGW's released code for two modalities: the exponent is not learnt, and 1e-12
    under the root keeps its gradient finite where a channel is zero. Computes in
    float32 under mixed precision.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, H, W)``, not negative. Returns ``(B, C)``."""
        powers = at_least_float32(x) ** 3
        return (powers.mean(dim=(2, 3)) + 1e-12) ** (1 / 3)


class SimplePool(nn.Module):
    """Mean, maximum, or their sum over all positions.

    Args:
        kind: ``avg``, ``max`` or ``avg_max``.
    """

    def __init__(self, kind: Literal["avg", "max", "avg_max"]) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, H, W)``. Returns ``(B, C)``."""
        if self.kind == "avg":
            return x.mean(dim=(2, 3))
        if self.kind == "max":
            return x.amax(dim=(2, 3))
        return x.mean(dim=(2, 3)) + x.amax(dim=(2, 3))


def make_pool(kind: Pooling) -> nn.Module:
    """The pooling of a name: a module ``(B, C, H, W) -> (B, C)``."""
    if kind == "gem":
        return GeneralisedMean()
    if kind == "gem_fixed":
        return FixedGeneralisedMean()
    if kind not in ("avg", "max", "avg_max"):
        raise ValueError(
            f"pool must be avg, max, avg_max, gem or gem_fixed, got {kind!r}"
        )
    return SimplePool(kind)

"""MPANet's modality alleviation module (Wu et al., CVPR 2021)."""

import torch
from torch import Tensor, nn


class ModalityAlleviation(nn.Module):
    """Replaces some channels by their instance-normalised form, chosen by a gate.

    Instance normalisation takes away an image's style, the modality's among it, and
    also some of what tells people apart; a gate from the pooled map decides per image
    and channel: ``m x + (1 - m) IN(x)``.

    Args:
        channels: ``C``.
        reduction: the gate's hidden layer has ``C / reduction`` channels.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, 1, bias=False),
            nn.Sigmoid(),
        )
        self.norm = nn.InstanceNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, H, W)``. Same shape."""
        return torch.lerp(self.norm(x).to(x.dtype), x, self.gate(x).to(x.dtype))

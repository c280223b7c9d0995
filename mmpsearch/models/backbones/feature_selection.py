"""Differentiable choice of channels and positions (NFS, Chen et al., CVPR 2021).

NFS searches, by gradient, which features of each modality a network keeps: coarsely,
whole channels, and finely, single positions. Its code is not public; what the paper's
abstract leaves open is chosen here and named in ``configs/nfs/README.md``.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32


def hard_choice(logits: Tensor, temperature: float, noisy: bool) -> Tensor:
    """Whether to keep: 0 or 1, with the gradient of a soft choice.

    Args:
        logits: ``(..., 2)``, drop and keep.
        temperature: of the softmax that gives the gradient.
        noisy: draw by the logits (Gumbel noise, in training) instead of taking the
            greater.

    Returns:
        ``(...)`` float, 1 to keep.
    """
    logits = at_least_float32(logits)
    if noisy:
        return F.gumbel_softmax(logits, temperature, hard=True)[..., 1]
    return (logits[..., 1] >= logits[..., 0]).to(logits.dtype)


class FeatureSelection(nn.Module):
    """A search cell: keeps some channels and, of those, some positions.

    The choice of channels is the same for all images of a modality; the positions are
    chosen image by image, by a 1x1 convolution of each modality's own. Both start
    inclined to keep.

    Args:
        channels: ``C``.
        num_modalities: gates.
        temperature: see :func:`hard_choice`.
        keep_logit: initial lead of keeping over dropping.
    """

    def __init__(
        self,
        channels: int,
        num_modalities: int = 2,
        temperature: float = 1.0,
        keep_logit: float = 3.0,
    ) -> None:
        super().__init__()
        self.temperature, self.keep_logit = temperature, keep_logit
        self.channel_logits = nn.Parameter(torch.empty(num_modalities, channels, 2))
        self.position_gates = nn.ModuleList(
            nn.Conv2d(channels, 2, 1) for _ in range(num_modalities)
        )
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Make keeping everything the likeliest choice."""
        lead = torch.tensor([0.0, self.keep_logit])
        self.channel_logits.copy_(lead.expand_as(self.channel_logits))
        for gate in self.position_gates:
            gate.weight.zero_()
            gate.bias.copy_(lead)

    def forward(self, x: Tensor, modalities: Tensor) -> Tensor:
        """Select.

        Args:
            x: ``(B, C, H, W)``.
            modalities: ``(B,)`` int64 in ``0..num_modalities-1``.

        Returns:
            ``(B, C, H, W)``, zero where not kept.
        """
        channels = self._choose(self.channel_logits)[modalities]  # (B, C)
        every = torch.stack([gate(x) for gate in self.position_gates])  # (M, B, 2, ...)
        own = every[modalities, torch.arange(len(x), device=x.device)]
        positions = self._choose(own.permute(0, 2, 3, 1))  # (B, H, W)
        return x * (channels[:, :, None, None] * positions[:, None]).to(x.dtype)

    def _choose(self, logits: Tensor) -> Tensor:
        return hard_choice(logits, self.temperature, noisy=self.training)

"""MPANet's pattern alignment (Wu et al., CVPR 2021)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.registry import MODELS


@MODELS.register_module()
class PatternAlignmentNeck(nn.Module):
    """Averages of the map under learnt masks, beside its plain average: part ``whole``.

    Args:
        in_channels: ``C`` of the map.
        num_patterns: masks ``P``.
    """

    def __init__(self, in_channels: int = 2048, num_patterns: int = 6) -> None:
        super().__init__()
        self.attention = nn.Conv2d(in_channels, num_patterns, 1)
        nn.init.zeros_(self.attention.bias)

    def masks(self, features: Sequence[Tensor]) -> Tensor:
        """Args: features, the last ``(B, C, h, w)``. Masks ``(B, P, h, w)`` in 0..1."""
        return self.attention(features[-1]).sigmoid()

    def pool(self, features: Sequence[Tensor], masks: Tensor) -> dict[str, Tensor]:
        """Average a map under masks.

        Args:
            features: the last ``(B, C, h, w)``.
            masks: ``(B, P, h, w)``.

        Returns:
            ``whole`` ``(B, (P + 1) C)``: the masks' averages one after another, then
            the plain average; at least float32.
        """
        maps = at_least_float32(features[-1])
        masks = torch.cat([masks, torch.ones_like(masks[:, :1])], dim=1)
        area = maps.shape[2] * maps.shape[3]
        with full_precision(maps):
            sums = torch.einsum("bphw,bchw->bpc", masks.to(maps.dtype), maps)
        return {"whole": sums.flatten(1) / area}

    def forward(self, features: Sequence[Tensor]) -> dict[str, Tensor]:
        """Args: features, the last ``(B, C, h, w)``. Returns ``whole``, see `pool`."""
        return self.pool(features, self.masks(features))

"""The last stage of a SemanticSwin, as a module from maps to maps."""

import torch.nn.functional as F
from mmpretrain.models.backbones.swin_transformer import SwinBlockSequence
from torch import Tensor, nn


class SemanticSwinStage(nn.Module):
    """Downsampling, semantic scale and shift, the stage's blocks, and its norm.

    Args:
        downsample: patch merging behind the stage before.
        scale: linear layer of the semantic scale, before softplus.
        shift: linear layer of the semantic shift.
        blocks: the stage.
        norm: of the stage's output.
        semantic: ``(2,)``, ``(w, 1 - w)``.
    """

    def __init__(
        self,
        downsample: nn.Module,
        scale: nn.Linear,
        shift: nn.Linear,
        blocks: SwinBlockSequence,
        norm: nn.Module,
        semantic: Tensor,
    ) -> None:
        super().__init__()
        self.in_channels = downsample.in_channels
        self.out_channels = downsample.out_channels
        self.downsample = downsample
        self.scale = scale
        self.shift = shift
        self.sequence = blocks
        self.norm = norm
        self.register_buffer("semantic", semantic, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C4, h, w)``. Returns ``(N, C5, ceil(h / 2), ceil(w / 2))``."""
        tokens = x.flatten(2).transpose(1, 2)  # (N, h * w, C4)
        tokens, size = self.downsample(tokens, tuple(x.shape[-2:]))
        tokens = scale_and_shift(tokens, self.scale, self.shift, self.semantic)
        tokens, size = self.sequence(tokens, size)
        return tokens_to_map(self.norm(tokens), size)


def scale_and_shift(
    tokens: Tensor, scale: nn.Linear, shift: nn.Linear, semantic: Tensor
) -> Tensor:
    """SOLIDER's semantic embedding.

    Args:
        tokens: ``(N, L, C)``.
        scale: from the semantic vector to ``C`` numbers, before softplus.
        shift: from the semantic vector to ``C`` numbers.
        semantic: ``(2,)``.

    Returns:
        ``(N, L, C)``.
    """
    return tokens * F.softplus(scale(semantic)) + shift(semantic)


def tokens_to_map(tokens: Tensor, size: tuple[int, int]) -> Tensor:
    """``(N, h * w, C)`` to ``(N, C, h, w)``."""
    return tokens.transpose(1, 2).unflatten(2, size).contiguous()

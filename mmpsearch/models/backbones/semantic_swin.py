"""Swin transformer with SOLIDER's semantic embedding."""

from collections.abc import Sequence

import torch
from mmpretrain.models import SwinTransformer
from torch import Tensor, nn

from mmpsearch.models.backbones.semantic_swin_stage import (
    SemanticSwinStage,
    scale_and_shift,
    tokens_to_map,
)
from mmpsearch.registry import MODELS


@MODELS.register_module()
class SemanticSwin(SwinTransformer):
    """MMPretrain's Swin whose stages are scaled and shifted by a semantic weight.

    SOLIDER (Chen et al., CVPR 2023) trains one network for semantic and appearance
    tasks; the weight ``w`` says how much of the first is wanted. The vector
    ``(w, 1 - w)`` passes two linear layers per stage, and the stage's downsampled
    output ``x`` becomes ``x * softplus(scale) + shift``. What is returned is taken
    before that, as in the public code: the last stage's pair has no effect.

    Args:
        arch: of MMPretrain's Swin.
        semantic_weight: ``w``; SOLIDER's re-identification uses 0.2, SPNet 0.6.
        out_indices: stages to return.
        **kwargs: as MMPretrain's Swin. Maps smaller than a window are padded, as in
            the public code: 384 x 128 ends with 12 x 4 cells.
    """

    def __init__(
        self,
        arch: str | dict = "base",
        semantic_weight: float = 0.2,
        out_indices: Sequence[int] = (3,),
        **kwargs,
    ) -> None:
        kwargs.setdefault("pad_small_map", True)
        super().__init__(arch=arch, out_indices=out_indices, **kwargs)
        if not 0 <= semantic_weight <= 1:
            raise ValueError(f"semantic_weight must be in 0..1, got {semantic_weight}")
        count = len(self.stages)  # of a network's first stages alone, fewer than 4
        widths = [self.embed_dims * 2 ** min(i + 1, 3) for i in range(count)]
        self.semantic_embed_w = nn.ModuleList(nn.Linear(2, w) for w in widths)
        self.semantic_embed_b = nn.ModuleList(nn.Linear(2, w) for w in widths)
        for layer in (*self.semantic_embed_w, *self.semantic_embed_b):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        for layer in (self.semantic_embed_w[-1], self.semantic_embed_b[-1]):
            layer.requires_grad_(False)  # without effect
        self.register_buffer(
            "semantic",
            torch.tensor([semantic_weight, 1 - semantic_weight]),
            persistent=False,
        )

    def train(self, mode: bool = True) -> "SemanticSwin":
        """As MMPretrain's, which returns nothing."""
        super().train(mode)
        return self

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Args: x ``(B, 3, H, W)``. Returns normalised maps of ``out_indices``."""
        tokens, size = self.patch_embed(x)  # (B, h * w, C)
        tokens, outputs = self.drop_after_pos(tokens), []
        for i, stage in enumerate(self.stages):
            tokens, size = stage(tokens, size, do_downsample=False)
            if i in self.out_indices:
                normed = getattr(self, f"norm{i}")(tokens)
                outputs.append(tokens_to_map(normed, size))
            if stage.downsample is not None:
                tokens, size = stage.downsample(tokens, size)
                tokens = scale_and_shift(
                    tokens,
                    self.semantic_embed_w[i],
                    self.semantic_embed_b[i],
                    self.semantic,
                )
        return tuple(outputs)

    def last_stage(self) -> SemanticSwinStage:
        """The last stage and the downsampling before it, of the same weights."""
        return SemanticSwinStage(
            self.stages[-2].downsample,
            self.semantic_embed_w[2],
            self.semantic_embed_b[2],
            self.stages[-1],
            self.norm3,
            self.semantic,
        )

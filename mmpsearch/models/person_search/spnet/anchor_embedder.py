"""SPNet's Anchor Embedder: one embedding per anchor (paper, section 3.1)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.models.person_search.spnet.anchors import AnchorGenerator
from mmpsearch.registry import MODELS


@MODELS.register_module()
class AnchorEmbedder(nn.Module):
    """A 3x3 convolution, shared by all pyramid levels, without norm or activation.

    Args:
        in_channels: channels ``F`` of the pyramid maps.
        embed_dims: size ``D`` of an anchor embedding.
        sizes: anchor sizes per level, see
            :class:`~mmpsearch.models.layers.anchors.AnchorGenerator`.
        ratios: height / width of the anchors.
        init_std: standard deviation of the initial weights. The public code takes
            0.01; networks without pre-trained weights start calmer when the offsets
            have unit variance.
        init_bias: initial bias. Defaults to ``-log(99)``, as published.
    """

    def __init__(
        self,
        in_channels: int,
        embed_dims: int = 128,
        sizes: Sequence[Sequence[float]] | None = None,
        ratios: Sequence[float] = (0.5, 1.0, 2.0),
        init_std: float = 0.01,
        init_bias: float = -math.log(99),
    ) -> None:
        super().__init__()
        self.anchors = AnchorGenerator(sizes, ratios)
        self.embed_dims = embed_dims
        channels = self.anchors.num_per_location * embed_dims
        self.conv = nn.Conv2d(in_channels, channels, 3, padding=1)
        nn.init.normal_(self.conv.weight, std=init_std)
        nn.init.constant_(self.conv.bias, init_bias)

    def forward(
        self,
        pyramid: Sequence[Tensor],
        batch_shape: tuple[int, int],
        affine: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Embed every anchor of every image.

        Args:
            pyramid: maps ``(B, F, h, w)``, finest first.
            batch_shape: height and width of the padded batch, pixels.
            affine: ``(D, D)`` and ``(D,)``, applied to every embedding. It costs
                nothing, as it is applied to the kernels.

        Returns:
            Embeddings ``(B, A, D)`` and anchors ``(A, 4)`` xyxy in pixels of the
            network input, both in the order level, row, column, template.
        """
        anchors = self.anchors(
            [level.shape[-2:] for level in pyramid], batch_shape, pyramid[0].device
        )
        weight, bias = self.conv.weight, self.conv.bias
        if affine is not None:
            weight, bias = transform_outputs(weight, bias, *affine)
        embeddings = [
            # (B, T*D, h, w) -> (B, h*w*T, D)
            # what calling it does, with the kernels as they are now
            self.conv._conv_forward(level, weight, bias)
            .permute(0, 2, 3, 1)
            .flatten(1)
            .unflatten(1, (-1, self.embed_dims))
            for level in pyramid
        ]
        return torch.cat(embeddings, dim=1), anchors


def transform_outputs(
    weight: Tensor, bias: Tensor, matrix: Tensor, shift: Tensor
) -> tuple[Tensor, Tensor]:
    """Kernels of a convolution whose outputs are ``matrix @ o + shift``.

    Args:
        weight: ``(T * D, F, k, k)``; each group of ``D`` outputs is one vector ``o``.
        bias: ``(T * D,)``.
        matrix: ``(D, D)``.
        shift: ``(D,)``.

    Returns:
        Weight and bias of the same shapes, at least float32.
    """
    dims = len(shift)
    with full_precision(weight):
        weight, bias = at_least_float32(weight), at_least_float32(bias)
        matrix, shift = at_least_float32(matrix), at_least_float32(shift)
        vectors = weight.view(-1, dims, weight[0].numel())
        new_bias = bias.view(-1, dims) @ matrix.T + shift
        return (matrix @ vectors).view(weight.shape), new_bias.flatten()

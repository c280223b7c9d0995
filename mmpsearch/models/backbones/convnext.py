"""ConvNeXt with un-normalised stage outputs, in channels-last memory."""

from collections.abc import Sequence

import torch
from mmpretrain.models import ConvNeXt as _ConvNeXt
from mmpretrain.models.backbones.convnext import ConvNeXtBlock
from torch import Tensor, nn

from mmpsearch.registry import MODELS

# Positions whose hidden vectors, four times as wide, fit into a processor's cache
POSITIONS_AT_ONCE = 2048


@MODELS.register_module()
class ConvNeXt(_ConvNeXt):
    """MMPretrain's ConvNeXt whose outputs are the stages' raw block outputs.

    MMPretrain normalises every output; SPNet's pyramid and Box Embedder read the
    stages as torchvision's ``convnext_*`` gives them. Maps stay in channels-last
    memory, in which layer norms and linear layers need no copies.

    Args:
        out_indices: stages to return. Defaults to C3, C4, C5.
        **kwargs: as MMPretrain's ConvNeXt (``arch``, ``drop_path_rate``, ...).
    """

    def __init__(self, out_indices: Sequence[int] = (1, 2, 3), **kwargs) -> None:
        kwargs.setdefault("norm_cfg", {"type": "mmpsearch.ChannelNorm", "eps": 1e-6})
        super().__init__(out_indices=out_indices, gap_before_final_norm=False, **kwargs)
        for index in out_indices:
            setattr(self, f"norm{index}", nn.Identity())
        for stage in self.stages:
            for block in stage:
                block.__class__ = Block  # MMPretrain leaves no choice of the class

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Args: x ``(B, 3, H, W)``. Returns the maps of ``out_indices``."""
        return super().forward(x.contiguous(memory_format=torch.channels_last))


class Block(ConvNeXtBlock):
    """MMPretrain's block; without gradients, some positions at a time.

    So the hidden vectors never leave the cache, instead of filling maps with four
    times the channels.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C, h, w)``. Returns the same shape."""
        if torch.is_grad_enabled() or not self.linear_pw_conv or self.grn is not None:
            return super().forward(x)
        change = self.depthwise_conv(x).permute(0, 2, 3, 1).contiguous()
        positions = change.flatten(0, 2)[None, None]  # four axes, as norms may demand
        for vectors in positions.split(POSITIONS_AT_ONCE, dim=2):
            hidden = self.pointwise_conv1(self.norm(vectors, "channel_last"))
            new = self.pointwise_conv2(self.act(hidden))
            vectors.copy_(new if self.gamma is None else new * self.gamma)
        return x + self.drop_path(change.permute(0, 3, 1, 2))

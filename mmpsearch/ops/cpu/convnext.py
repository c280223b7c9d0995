"""ConvNeXt's blocks in channels-last memory, and piece by piece without gradients."""

import torch
from mmpretrain.models.backbones.convnext import ConvNeXtBlock
from torch import Tensor

# Positions whose hidden vectors, four times as wide, fit into a processor's cache
POSITIONS_AT_ONCE = 2048


class BlockwiseConvNeXtBlock(ConvNeXtBlock):
    """MMPretrain's block; without gradients, some positions at a time.

    So the hidden vectors never leave the cache, instead of filling maps with four
    times the channels. Layer norms and linear layers need no copies of maps in
    channels-last memory.
    """

    @staticmethod
    def suits(module: ConvNeXtBlock) -> bool:
        """Whether a block's layers see every position by itself."""
        return module.linear_pw_conv and module.grn is None

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C, h, w)``. Returns the same shape."""
        if x.device.type != "cpu" or torch.jit.is_tracing():
            return super().forward(x)
        x = x.contiguous(memory_format=torch.channels_last)
        if torch.is_grad_enabled():
            return super().forward(x)
        change = self.depthwise_conv(x).permute(0, 2, 3, 1).contiguous()
        positions = change.flatten(0, 2)[None, None]  # four axes, as norms may demand
        for vectors in positions.split(POSITIONS_AT_ONCE, dim=2):
            hidden = self.pointwise_conv1(self.norm(vectors, "channel_last"))
            new = self.pointwise_conv2(self.act(hidden))
            vectors.copy_(new if self.gamma is None else new * self.gamma)
        return x + self.drop_path(change.permute(0, 3, 1, 2))

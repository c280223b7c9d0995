"""The ResNet of variational distillation: channel attention between stages."""

from torch import Tensor, nn

from mmpsearch.models.backbones.channel_attention import ChannelAttention
from mmpsearch.models.backbones.reid_resnet import ReIDResNet
from mmpsearch.registry import MODELS


@MODELS.register_module()
class ChannelAttentionResNet(ReIDResNet):
    """ResNet with a channel attention before every stage but the first.

    Its stages keep torchvision's names; ImageNet weights load, and the attention
    starts as the identity.

    Args:
        depth: 18, 34, 50, 101 or 152.
        **kwargs: as :class:`ReIDResNet`.
    """

    def __init__(self, depth: int = 50, **kwargs) -> None:
        super().__init__(depth, **kwargs)
        self.attention = nn.ModuleList(ChannelAttention() for _ in self.res_layers[1:])

    def stage_forward(self, stage: int, x: Tensor) -> Tensor:
        """The attention before a stage, and the stage."""
        if stage:
            x = self.attention[stage - 1](x)
        return super().stage_forward(stage, x)

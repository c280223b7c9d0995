"""A ResNet up to conv4, for heads that go on with the rest."""

from mmpretrain.models import ResNet
from torch import nn

from mmpsearch.registry import MODELS


@MODELS.register_module()
class StemResNet(ResNet):
    """MMPretrain's ResNet without conv5, and without the last blocks of conv4.

    Its weights keep torchvision's names: ImageNet weights load.

    Args:
        depth: 18, 34, 50, 101 or 152.
        left_out: so many last blocks of conv4 belong to the head (OIM: 3).
        strides: of conv2, conv3, conv4.
        freeze_first: conv1 and the scale and shift of its norm are not trained; the
            norm's statistics follow the data (NAE, SeqNet).
        **kwargs: as MMPretrain's ResNet.
    """

    def __init__(
        self,
        depth: int = 50,
        left_out: int = 0,
        strides: tuple[int, int, int] = (1, 2, 2),
        freeze_first: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(
            depth,
            num_stages=3,
            strides=strides,
            dilations=(1, 1, 1),
            out_indices=(2,),
            **kwargs,
        )
        if left_out:
            name = self.res_layers[-1]
            blocks = list(getattr(self, name))
            if left_out >= len(blocks):
                raise ValueError(f"left_out={left_out}: conv4 has {len(blocks)} blocks")
            setattr(self, name, nn.Sequential(*blocks[:-left_out]))
        if freeze_first:
            for module in (self.conv1, self.norm1):
                module.requires_grad_(False)

    def train(self, mode: bool = True) -> "StemResNet":
        """As MMPretrain's, which returns nothing."""
        super().train(mode)
        return self

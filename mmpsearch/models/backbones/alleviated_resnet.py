"""MPANet's ResNet: modality alleviation behind the last two stages."""

from collections.abc import Sequence

from torch import Tensor, nn

from mmpsearch.models.backbones.modality_alleviation import ModalityAlleviation
from mmpsearch.models.backbones.reid_resnet import ReIDResNet
from mmpsearch.registry import MODELS


@MODELS.register_module()
class AlleviatedResNet(ReIDResNet):
    """One network for both modalities, with gates that take away an image's style.

    Its stages keep torchvision's names, so that ImageNet weights and one-stream
    pre-trainings load.

    Args:
        depth: 18, 34, 50, 101 or 152.
        alleviated: stages, from 0, behind which a
            :class:`~mmpsearch.models.backbones.modality_alleviation.ModalityAlleviation`
            stands.
        **kwargs: as :class:`ReIDResNet`.
    """

    def __init__(
        self, depth: int = 50, alleviated: Sequence[int] = (2, 3), **kwargs
    ) -> None:
        super().__init__(depth, **kwargs)
        self.alleviation = nn.ModuleDict()
        for stage in alleviated:
            channels = getattr(self, self.res_layers[stage])[-1].out_channels
            self.alleviation[str(stage)] = ModalityAlleviation(channels)

    def stage_forward(self, stage: int, x: Tensor) -> Tensor:
        """One stage, and its alleviation."""
        x = super().stage_forward(stage, x)
        if str(stage) in self.alleviation:
            x = self.alleviation[str(stage)](x)
        return x

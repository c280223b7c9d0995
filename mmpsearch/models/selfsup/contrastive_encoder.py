"""From images to directions: backbone, projection, normalisation."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS


class ContrastiveEncoder(BaseModule):
    """Backbone and projector; what momentum contrast compares are their directions.

    Args:
        backbone: config; gives a tuple of features, as MMPretrain's do.
        neck: config of the projector; takes that tuple, gives a tuple that ends with
            ``(N, D)``, as MMPretrain's ``MoCoV2Neck``.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self, backbone: dict, neck: dict, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.backbone, self.neck = MODELS.build(backbone), MODELS.build(neck)

    def forward(self, images: Tensor) -> Tensor:
        """Args: images ``(N, 3, H, W)``. Returns ``(N, D)`` of length 1, float32."""
        projected = self.neck(self.backbone(images))[-1]
        return F.normalize(at_least_float32(projected), dim=1)

"""Batch DropBlock (Dai et al., ICCV 2019)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck

from mmpsearch.models.layers.pooling import make_pool
from mmpsearch.registry import MODELS


def block_mask(height: int, width: int, share: tuple[float, float]) -> Tensor:
    """A mask with one rectangle of zeros at a random place.

    Args:
        height: rows of the map.
        width: its columns.
        share: of rows and of columns that the rectangle covers, rounded.

    Returns:
        ``(height, width)`` float, 0 inside the rectangle.
    """
    rows, columns = round(share[0] * height), round(share[1] * width)
    top = int(torch.randint(height - rows + 1, ()))
    left = int(torch.randint(width - columns + 1, ()))
    mask = torch.ones(height, width)
    mask[top : top + rows, left : left + columns] = 0
    return mask


@MODELS.register_module()
class DropBlockNeck(nn.Module):
    """BDB's two branches: parts ``whole`` and ``part``.

    ``whole`` is the mean of the map. ``part`` passes a further bottleneck block,
    loses in training the same block of rows in all images of the batch, and is pooled
    by the maximum. Under several ranks each rank's batch loses a block of its own.

    Args:
        in_channels: channels ``C`` of the map.
        drop_share: share of rows and columns that are dropped.
    """

    def __init__(
        self, in_channels: int = 2048, drop_share: tuple[float, float] = (0.33, 1.0)
    ) -> None:
        super().__init__()
        self.drop_share = tuple(drop_share)
        self.bottleneck = Bottleneck(in_channels, in_channels // 4)
        self.mean, self.maximum = make_pool("avg"), make_pool("max")

    def forward(self, features: Sequence[Tensor]) -> dict[str, Tensor]:
        """Args: features, the last ``(B, C, h, w)``. Returns parts ``(B, C)``."""
        x = features[-1]
        part = self.bottleneck(x)
        if self.training:
            mask = block_mask(*part.shape[2:], self.drop_share)
            part = part * mask.to(part)
        return {"whole": self.mean(x), "part": self.maximum(part)}

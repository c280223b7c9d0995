"""From an image to patch tokens; parameters named as in TransReID-SSL."""

from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm2d
from mmpsearch.models.layers.instance_batch_norm import InstanceBatchNorm


class PatchEmbedding(nn.Module):
    """One convolution; patches overlap where the stride is smaller than the patch.

    Args:
        dims: width ``C`` of the tokens.
        patch_size: side of a patch.
        stride: distance of patches; TransReID also uses 12.
    """

    def __init__(self, dims: int, patch_size: int = 16, stride: int = 16) -> None:
        super().__init__()
        self.patch_size, self.stride = patch_size, stride
        self.proj = nn.Conv2d(3, dims, patch_size, stride=stride)

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of patches of an image."""
        return (
            (height - self.patch_size) // self.stride + 1,
            (width - self.patch_size) // self.stride + 1,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, 3, H, W)``. Returns ``(B, C, rows, columns)``."""
        return self.proj(x)


class ConvStem(nn.Module):
    """Three convolutions with IBN, then patches of 8 x 8 cells (ICS), stride 16.

    Args:
        dims: width ``C`` of the tokens.
        width: channels of the three convolutions.
        synchronised: let the batch norms see all ranks' images.
    """

    patch_size = stride = 16

    def __init__(self, dims: int, width: int = 64, synchronised: bool = False) -> None:
        super().__init__()
        norm = SafeBatchNorm2d if synchronised else nn.BatchNorm2d
        self.conv = nn.Sequential(
            nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False),
            InstanceBatchNorm(width, norm),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            InstanceBatchNorm(width, norm),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            norm(width),
            nn.ReLU(inplace=True),
        )
        self.proj = nn.Conv2d(width, dims, 8, stride=8)

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of patches of an image."""
        return height // 16, width // 16

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, 3, H, W)``. Returns ``(B, C, rows, columns)``."""
        return self.proj(self.conv(x))

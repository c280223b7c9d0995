"""A convolution that takes the fastest of several equal ways."""

import torch
from torch import Tensor, nn

from mmpsearch.registry import MODELS

from .winograd import winograd_conv3x3

# Below, transforming costs more than the multiplications that it saves.
MIN_CHANNELS = 64
MIN_CELLS = 32 * 32


@MODELS.register_module()
class FastConv2d(nn.Conv2d):
    """``nn.Conv2d`` which computes large 3x3 convolutions on CPUs by Winograd.

    Parameters and, up to rounding, outputs and gradients are those of ``nn.Conv2d``.
    What is not a 3x3 convolution with stride and padding 1 in float32 on a CPU is left
    to PyTorch. For necks: ``conv_cfg=dict(type='mmpsearch.FastConv2d')``.

    Args:
        in_channels: as ``nn.Conv2d``.
        out_channels: as ``nn.Conv2d``.
        kernel_size: as ``nn.Conv2d``.
        stride: as ``nn.Conv2d``.
        padding: as ``nn.Conv2d``.
        dilation: as ``nn.Conv2d``.
        groups: as ``nn.Conv2d``.
        bias: as ``nn.Conv2d``.
        padding_mode: as ``nn.Conv2d``.
        device: of the parameters.
        dtype: of the parameters.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C, h, w)``. Returns ``(N, K, h', w')``."""
        return self.convolve(x, self.weight, self.bias)

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """As :meth:`forward`, with other parameters of the same shapes."""
        if self._is_plain_3x3() and gains_from_winograd(x, weight):
            return winograd_conv3x3(x, weight, bias)
        return self._conv_forward(x, weight, bias)

    def _is_plain_3x3(self) -> bool:
        return (
            self.kernel_size == (3, 3)
            and self.stride == (1, 1)
            and self.padding == (1, 1)
            and self.dilation == (1, 1)
            and self.groups == 1
            and self.padding_mode == "zeros"
        )


def gains_from_winograd(x: Tensor, weight: Tensor) -> bool:
    """Whether the 3x3 convolution is worth transforming. No image's batch matters.

    Args:
        x: ``(N, C, h, w)``.
        weight: ``(K, C, 3, 3)``.

    Returns:
        The answer.
    """
    return (
        x.dim() == 4
        and x.dtype == weight.dtype == torch.float32
        and x.device.type == "cpu"
        and not torch.is_autocast_enabled("cpu")
        and not torch.jit.is_tracing()
        and x.shape[-2] * x.shape[-1] >= MIN_CELLS
        and min(weight.shape[:2]) >= MIN_CHANNELS
    )

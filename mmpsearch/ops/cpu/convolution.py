"""Large 3x3 convolutions by Winograd's algorithm."""

import torch
from torch import Tensor, nn

from mmpsearch.ops.cpu.winograd import winograd_conv3x3

# Below, transforming costs more than the multiplications that it saves.
MIN_CHANNELS = 128
MIN_CELLS = 32 * 32


class WinogradConv2d(nn.Conv2d):
    """``nn.Conv2d``, 3x3 with stride and padding 1; small maps are left to PyTorch."""

    @staticmethod
    def suits(module: nn.Conv2d) -> bool:
        """Whether a convolution is of the kind, and wide enough."""
        return (
            module.kernel_size == (3, 3)
            and module.stride == (1, 1)
            and module.padding == (1, 1)
            and module.dilation == (1, 1)
            and module.groups == 1
            and module.padding_mode == "zeros"
            and min(module.in_channels, module.out_channels) >= MIN_CHANNELS
        )

    # What forward calls, and a caller with other kernels of the same shape.
    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None):
        if gains_from_winograd(input, weight):
            return winograd_conv3x3(input, weight, bias)
        return super()._conv_forward(input, weight, bias)


def gains_from_winograd(x: Tensor, weight: Tensor) -> bool:
    """Whether the map is worth transforming. How many images there are is no matter.

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
    )

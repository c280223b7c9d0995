"""The former name of a plain convolution."""

import warnings

from torch import nn

from mmpsearch.registry import MODELS


@MODELS.register_module()
class FastConv2d:
    """Gives an ``nn.Conv2d``, for configs that name it as ``conv_cfg``.

    What it did, `mmpsearch.ops.cpu.speed_up_on_cpu` does with plain convolutions.

    Args:
        *args: of ``nn.Conv2d``.
        **kwargs: of ``nn.Conv2d``.
    """

    def __new__(cls, *args, **kwargs) -> nn.Conv2d:
        warnings.warn(
            "mmpsearch.FastConv2d is now plain nn.Conv2d: leave out conv_cfg; the old "
            "name goes with the next version",
            FutureWarning,
            stacklevel=2,
        )
        return nn.Conv2d(*args, **kwargs)

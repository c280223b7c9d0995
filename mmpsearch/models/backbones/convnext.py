"""ConvNeXt with un-normalised stage outputs, in channels-last memory."""

from collections.abc import Sequence

import torch
from mmpretrain.models import ConvNeXt as _ConvNeXt
from torch import Tensor, nn

from mmpsearch.registry import MODELS


@MODELS.register_module()
class ConvNeXt(_ConvNeXt):
    """MMPretrain's ConvNeXt whose outputs are the stages' raw block outputs.

    MMPretrain normalises every output; SPNet's pyramid and Box Embedder read the
    stages as torchvision's ``convnext_*`` gives them. Maps stay in channels-last
    memory, in which layer norms and linear layers need no copies.

    Args:
        out_indices: stages to return. Defaults to C3, C4, C5.
        freeze_stem: the first convolution and its norm are not trained.
        **kwargs: as MMPretrain's ConvNeXt (``arch``, ``drop_path_rate``, ...).
    """

    def __init__(
        self,
        out_indices: Sequence[int] = (1, 2, 3),
        freeze_stem: bool = False,
        **kwargs,
    ) -> None:
        kwargs.setdefault("norm_cfg", {"type": "mmpsearch.ChannelNorm", "eps": 1e-6})
        super().__init__(out_indices=out_indices, gap_before_final_norm=False, **kwargs)
        for index in out_indices:
            setattr(self, f"norm{index}", nn.Identity())
        if freeze_stem:
            self.downsample_layers[0].requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Args: x ``(B, 3, H, W)``. Returns the maps of ``out_indices``."""
        return super().forward(x.contiguous(memory_format=torch.channels_last))

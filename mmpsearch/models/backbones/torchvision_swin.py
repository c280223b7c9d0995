"""Torchvision's Swin transformers with the outputs of their stages."""

from collections.abc import Sequence

import torchvision
from mmengine.model import BaseModule
from torch import Tensor, nn
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.ops import StochasticDepth

from mmpsearch.registry import MODELS


@MODELS.register_module()
class TorchvisionSwin(BaseModule):
    """Swin and Swin V2 as torchvision has them; its ImageNet weights load as they are.

    Outputs are those of a stage's last block, not normalised, before the patch
    merging. Unlike MMPretrain's, windows that cover the whole map are not shifted.

    Args:
        arch: torchvision's name, ``'swin_t'`` to ``'swin_v2_b'``, or a dict of the
            arguments of its ``SwinTransformer``.
        drop_path_rate: stochastic depth of the last block; None for torchvision's
            (0.2 in ``swin_t``, 0.5 in ``swin_b``).
        out_indices: stages to return. Defaults to C3, C4, C5.
        init_cfg: MMEngine's.
    """

    def __init__(
        self,
        arch: str | dict = "swin_b",
        drop_path_rate: float | None = None,
        out_indices: Sequence[int] = (1, 2, 3),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if isinstance(arch, str):
            known = [n for n in torchvision.models.list_models() if "swin" in n]
            if arch not in known or "3d" in arch:
                raise ValueError(f"arch must be torchvision's swin_*, got {arch!r}")
            model = torchvision.models.get_model(arch, weights=None)
        else:
            model = SwinTransformer(**arch)
        self.features = model.features
        self.out_indices = tuple(out_indices)
        if drop_path_rate is not None:
            self._set_drop_path(drop_path_rate)

    def _set_drop_path(self, rate: float) -> None:
        # both residual branches of a block share one module
        drops = [m for m in self.modules() if isinstance(m, StochasticDepth)]
        for index, drop in enumerate(drops):
            drop.p = rate * index / (len(drops) - 1)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Args: x ``(B, 3, H, W)``. Returns the maps of ``out_indices``."""
        outputs = []
        for index, layer in enumerate(self.features):
            x = layer(x)  # (B, h, w, C)
            if index % 2 and index // 2 in self.out_indices:
                outputs.append(x.permute(0, 3, 1, 2).contiguous())
        return tuple(outputs)

    def last_stage(self) -> nn.Module:
        """The last stage and the patch merging before it, of the same weights."""
        return TorchvisionSwinStage(self.features[-2], self.features[-1])


class TorchvisionSwinStage(nn.Sequential):
    """Patch merging and blocks, from maps to maps.

    Args:
        merging: torchvision's patch merging.
        blocks: of the stage.
    """

    def __init__(self, merging: nn.Module, blocks: nn.Module) -> None:
        super().__init__(merging, blocks)
        self.in_channels = merging.dim
        self.out_channels = 2 * merging.dim

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C4, h, w)``. Returns ``(N, C5, ceil(h / 2), ceil(w / 2))``."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

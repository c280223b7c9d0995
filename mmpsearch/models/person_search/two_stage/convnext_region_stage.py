"""RoIAlign and the last stage of a ConvNeXt."""

import torch
from mmpretrain.models.backbones.convnext import ConvNeXt, ConvNeXtBlock
from torch import Tensor, nn

from mmpsearch.models.layers.channel_norm import ChannelNorm
from mmpsearch.models.person_search.two_stage.region_stage import RegionTrunk
from mmpsearch.registry import MODELS


@MODELS.register_module()
class ConvNeXtRegionStage(RegionTrunk):
    """Features of boxes: cut out of a stride-16 map, then through an own last stage.

    Weights are called as in MMPretrain's ConvNeXt: ``downsample_layers.3.*`` and
    ``stages.3.*``.

    Args:
        arch: of the ConvNeXt, a name of MMPretrain's.
        drop_path_rate: of the last block; those before follow the ConvNeXt's line
            from 0 at its first block.
        init_cfg: see MMEngine's BaseModule.
        **kwargs: of :class:`RegionTrunk`.
    """

    def __init__(
        self,
        arch: str = "base",
        drop_path_rate: float = 0.5,
        init_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(init_cfg=init_cfg, **kwargs)
        sizes = ConvNeXt.arch_settings[arch]
        depths = sizes["depths"]
        self.in_channels, self.out_channels = sizes["channels"][2:4]
        norm = dict(type="mmpsearch.ChannelNorm", eps=1e-6)
        rates = torch.linspace(0, drop_path_rate, sum(depths))[-depths[3] :].tolist()
        # named by their place in the whole network, whose weights fit
        self.downsample_layers = nn.ModuleDict(
            {
                "3": nn.Sequential(
                    ChannelNorm(self.in_channels, eps=1e-6),
                    nn.Conv2d(self.in_channels, self.out_channels, 2, stride=2),
                )
            }
        )
        self.stages = nn.ModuleDict(
            {
                "3": nn.Sequential(
                    *(
                        ConvNeXtBlock(
                            self.out_channels, norm_cfg=norm, drop_path_rate=rate
                        )
                        for rate in rates
                    )
                )
            }
        )

    def continue_from(self, maps: Tensor) -> Tensor:
        """``(N, C4, h, w)`` to ``(N, C5, h / 2, w / 2)``."""
        return self.stages["3"](self.downsample_layers["3"](maps))

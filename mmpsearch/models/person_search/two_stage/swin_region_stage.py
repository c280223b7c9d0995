"""RoIAlign and the last stage of SOLIDER's Swin."""

from torch import Tensor, nn

from mmpsearch.models.backbones.semantic_swin import SemanticSwin
from mmpsearch.models.backbones.semantic_swin_stage import (
    scale_and_shift,
    tokens_to_map,
)
from mmpsearch.models.person_search.two_stage.region_stage import RegionTrunk
from mmpsearch.registry import MODELS


@MODELS.register_module()
class SwinRegionStage(RegionTrunk):
    """Features of boxes: cut out of a stride-16 map, then through an own last stage.

    Weights are called as in :class:`SemanticSwin`: ``stages.2.downsample.*``,
    ``semantic_embed_w.2.*``, ``stages.3.*``, ``norm3.*``. As in SOLIDER's public SeqNet
    both maps of a box are averaged over it: a head's maximum has nothing to choose.

    Args:
        arch: of the Swin.
        semantic_weight: of :class:`SemanticSwin`; SOLIDER's person search uses 0.6.
        drop_path_rate: of the whole Swin's last block; the line begins at its first.
        init_cfg: see MMEngine's BaseModule.
        **kwargs: of :class:`RegionTrunk`.
    """

    def __init__(
        self,
        arch: str | dict = "base",
        semantic_weight: float = 0.6,
        drop_path_rate: float = 0.1,
        init_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(init_cfg=init_cfg, **kwargs)
        swin = SemanticSwin(arch, semantic_weight, drop_path_rate=drop_path_rate)
        downsample = swin.stages[2].downsample
        self.in_channels = downsample.in_channels
        self.out_channels = downsample.out_channels
        # named by their place in the whole network, whose weights fit
        self.stages = nn.ModuleDict(
            {"2": nn.ModuleDict({"downsample": downsample}), "3": swin.stages[3]}
        )
        self.semantic_embed_w = nn.ModuleDict({"2": swin.semantic_embed_w[2]})
        self.semantic_embed_b = nn.ModuleDict({"2": swin.semantic_embed_b[2]})
        self.norm3 = swin.norm3
        self.register_buffer("semantic", swin.semantic, persistent=False)

    def continue_from(self, maps: Tensor) -> Tensor:
        """``(N, C4, h, w)`` to ``(N, C5, ceil(h / 2), ceil(w / 2))``."""
        if not len(maps):  # windows of nothing cannot be put together
            return self.continue_from(maps.new_zeros(1, *maps.shape[1:]))[:0]
        tokens = maps.flatten(2).transpose(1, 2)  # (N, h * w, C4)
        size = tuple(maps.shape[-2:])
        tokens, size = self.stages["2"]["downsample"](tokens, size)
        tokens = scale_and_shift(
            tokens,
            self.semantic_embed_w["2"],
            self.semantic_embed_b["2"],
            self.semantic,
        )
        tokens, size = self.stages["3"](tokens, size)
        return tokens_to_map(self.norm3(tokens), size)

    def forward(
        self, feature_map: Tensor, boxes: Tensor, image_index: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As :meth:`RegionTrunk.forward`, averaged.

        Returns:
            ``(N, C4, 1, 1)`` and ``(N, C5, 1, 1)``.
        """
        before, after = super().forward(feature_map, boxes, image_index)
        return before.mean((2, 3), keepdim=True), after.mean((2, 3), keepdim=True)

"""RoIAlign and the last stage of a backbone: the trunk of every region head."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Literal

import torch
from mmengine.model import BaseModule
from mmpretrain.models import ResNet
from mmpretrain.models.backbones.resnet import ResLayer, get_expansion
from torch import Tensor, nn
from torchvision.ops import RoIAlign, RoIPool

from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS


class RegionTrunk(BaseModule):
    """Cuts boxes out of a map, and continues the backbone on them.

    Args:
        roi_size: rows and columns cut out of the map.
        map_stride: pixels of the network input per cell of the map.
        roi_layer: ``'align'`` or (OIM) ``'pool'``, the maximum of every bin.
        sampling_ratio: samples per bin and side of RoIAlign, 0 for as many as fit.
        aligned: RoIAlign with the half-pixel shift.
        init_cfg: see MMEngine's BaseModule.
    """

    in_channels: int
    out_channels: int

    def __init__(
        self,
        roi_size: tuple[int, int] = (14, 14),
        map_stride: int = 16,
        roi_layer: Literal["align", "pool"] = "align",
        sampling_ratio: int = 2,
        aligned: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if roi_layer not in ("align", "pool"):
            raise ValueError(f"roi_layer must be 'align' or 'pool', got {roi_layer!r}")
        size, scale = tuple(roi_size), 1.0 / map_stride
        if roi_layer == "pool":
            self.roi_layer = RoIPool(size, scale)
        else:
            self.roi_layer = RoIAlign(size, scale, sampling_ratio, aligned)

    @abstractmethod
    def continue_from(self, maps: Tensor) -> Tensor:
        """``(N, C4, h, w)``, of boxes or whole scenes, to ``(N, C5, h', w')``."""

    def cut(self, feature_map: Tensor, boxes: Tensor, image_index: Tensor) -> Tensor:
        """Features of boxes before the stage.

        Args:
            feature_map: ``(B, C4, h, w)``.
            boxes: ``(N, 4)`` xyxy in pixels of the network input; ``N`` may be 0.
            image_index: ``(N,)`` int64.

        Returns:
            ``(N, C4, *roi_size)``, of the map's dtype.
        """
        boxes = at_least_float32(boxes)  # half precision would move them
        rois = torch.cat([image_index[:, None].to(boxes.dtype), boxes], dim=1)
        cut = self.roi_layer(feature_map.to(boxes.dtype), rois)
        return cut.to(feature_map.dtype)

    def forward(
        self, feature_map: Tensor, boxes: Tensor, image_index: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Maps of boxes before and after the stage.

        Args:
            feature_map: ``(B, C4, h, w)``.
            boxes: ``(N, 4)`` xyxy in pixels of the network input; ``N`` may be 0.
            image_index: ``(N,)`` int64.

        Returns:
            ``(N, C4, *roi_size)`` and ``(N, C5, h', w')``.
        """
        before = self.cut(feature_map, boxes, image_index)
        return before, self.continue_from(before)


@MODELS.register_module()
class RegionStage(RegionTrunk):
    """Features of boxes: cut out of a stride-16 map, then through an own conv5.

    Weights are called ``layer4.*`` (and ``layer3.*``), as in torchvision's ResNet, so
    that ``init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50')``
    fills them.

    Args:
        depth: of the ResNet: 18, 34, 50, 101 or 152.
        base_channels: of its first stage; 64 as published.
        stride: of conv5; 1 keeps the resolution.
        roi_size: rows and columns cut out of the map.
        map_stride: pixels of the network input per cell of the map.
        roi_layer: ``'align'`` or (OIM) ``'pool'``, the maximum of every bin.
        sampling_ratio: samples per bin and side of RoIAlign, 0 for as many as fit.
        aligned: RoIAlign with the half-pixel shift.
        leading_blocks: so many last blocks of conv4 come before conv5 (OIM: 3).
        norm_cfg: config of the norms; the default survives an empty batch.
        frozen_norm: norms keep their statistics, scale and shift.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        depth: int = 50,
        base_channels: int = 64,
        stride: int = 2,
        roi_size: tuple[int, int] = (14, 14),
        map_stride: int = 16,
        roi_layer: Literal["align", "pool"] = "align",
        sampling_ratio: int = 2,
        aligned: bool = False,
        leading_blocks: int = 0,
        norm_cfg: Mapping[str, Any] | None = None,
        frozen_norm: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            roi_size, map_stride, roi_layer, sampling_ratio, aligned, init_cfg
        )
        block, numbers = ResNet.arch_settings[depth]
        expansion = get_expansion(block)
        norm_cfg = dict(norm_cfg or {"type": "mmpsearch.SafeBatchNorm2d"})
        self.in_channels = 4 * base_channels * expansion
        self.out_channels = 2 * self.in_channels
        self.layer3 = nn.Sequential()
        for number in range(numbers[2] - leading_blocks, numbers[2]):
            repeated = block(
                self.in_channels,
                self.in_channels,
                expansion=expansion,
                norm_cfg=norm_cfg,
            )
            self.layer3.add_module(str(number), repeated)
        self.layer4 = ResLayer(
            block,
            numbers[3],
            self.in_channels,
            self.out_channels,
            stride=stride,
            norm_cfg=norm_cfg,
        )
        self.frozen_norm = frozen_norm
        if frozen_norm:
            for norm in self._norms():
                norm.requires_grad_(False)

    def _norms(self):
        kinds = nn.modules.batchnorm._BatchNorm
        return (module for module in self.modules() if isinstance(module, kinds))

    def train(self, mode: bool = True) -> "RegionStage":
        """As PyTorch's; frozen norms stay in evaluation mode."""
        super().train(mode)
        if self.frozen_norm:
            for norm in self._norms():
                norm.eval()
        return self

    def continue_from(self, maps: Tensor) -> Tensor:
        """``(N, C4, h, w)`` to ``(N, C5, h', w')``."""
        return self.layer4(self.layer3(maps))

"""A ResNet for two modalities: RGB and infrared people have stems of their own."""

import copy
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from mmpsearch.models.backbones.reid_resnet import ReIDResNet
from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import MODALITIES

# Kaiming normal, fan_out, for convolutions; norms start at 1 and 0.
FROM_SCRATCH = (
    dict(type="Kaiming", layer=["Conv2d"]),
    dict(type="Constant", val=1, layer=["_BatchNorm", "GroupNorm"]),
)


@MODELS.register_module()
class TwoStreamResNet(ReIDResNet):
    """ResNet whose first convolution and norm belong to one modality each (AGW, MMGL).

    All stages are shared: in training, their batch norms see both modalities at once,
    the stems' only their own. With ``share="stem"`` everything is shared: the
    one-stream network.

    The stages keep torchvision's names. Weights of a network with a single stem
    (ImageNet, a one-stream pre-training) are given to both stems when they are loaded,
    and the log says so.

    Args:
        depth: 18, 34, 50, 101 or 152.
        share: what the modalities share beside the stages: ``none`` (two streams) or
            ``stem`` (one stream).
        non_local: for each stage, after how many of its last blocks a non-local block
            stands; AGW's ResNet-50 has (0, 2, 3, 0), its baseline none.
        init_cfg: see MMEngine's BaseModule; None, or ``Pretrained`` whose checkpoint
            is None, is the released code's initialisation from scratch.
        **kwargs: as :class:`ReIDResNet`.
    """

    def __init__(
        self,
        depth: int = 50,
        share: Literal["none", "stem"] = "none",
        non_local: Sequence[int] = (0, 0, 0, 0),
        init_cfg: dict | list | None = None,
        **kwargs,
    ) -> None:
        if isinstance(init_cfg, dict) and init_cfg.get("checkpoint", "") is None:
            init_cfg = None
        super().__init__(
            depth,
            non_local=non_local,
            init_cfg=list(FROM_SCRATCH) if init_cfg is None else init_cfg,
            **kwargs,
        )
        if share not in ("none", "stem"):
            raise ValueError(f"share must be 'none' or 'stem', got {share!r}")
        if self.frozen_stages >= 0 or self.deep_stem:
            raise ValueError("TwoStreamResNet has neither frozen_stages nor deep_stem")
        self.share = share
        if share == "none":
            stem = nn.Sequential(OrderedDict(conv1=self.conv1, bn1=self.norm1))
            del self.conv1, self._modules[self.norm1_name]
            self.stems = nn.ModuleDict(
                {name: copy.deepcopy(stem) for name in MODALITIES}
            )
        self._register_load_state_dict_pre_hook(self._fit_stems)

    def _fit_stems(self, state: dict, prefix: str, *_) -> None:
        """Give the stem of a network with one stem to both modalities."""
        single = [
            key for key in state if key.startswith((f"{prefix}conv1.", f"{prefix}bn1."))
        ]
        several = f"{prefix}stems.{MODALITIES[0]}.conv1.weight" in state
        if self.share == "stem" and several:
            raise ValueError(
                "these weights have a stem for each modality, and this backbone is "
                "one-stream; load them with share='none', or choose a one-stream "
                "pre-training"
            )
        if self.share == "none" and single and not several:
            for key in single:
                value = state.pop(key)
                for modality in MODALITIES:
                    state[f"{prefix}stems.{modality}.{key[len(prefix) :]}"] = value
            print_log(
                f"one stem for {' and '.join(MODALITIES)}: {len(single)} weights of "
                "conv1 and bn1 loaded into either stem",
                logger="current",
            )

    def forward(
        self, x: Tensor, modalities: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Feature maps of a batch of either modality, or of both.

        Args:
            x: ``(B, 3, H, W)``, normalised; infrared with three equal channels.
            modalities: ``(B,)`` int64, 0 RGB and 1 infrared, in any order. May be None
                with ``share="stem"``.

        Returns:
            Maps ``(B, C, h, w)`` of ``out_indices``, in the order of ``x``.

        Raises:
            ValueError: two streams, and ``modalities`` is None.
        """
        x, outputs = self._stem(x, modalities), []
        for stage in range(len(self.res_layers)):
            x = self.stage_forward(stage, x)
            if stage in self.out_indices:
                outputs.append(x)
        return tuple(outputs)

    @property
    def needs_modality(self) -> bool:
        """Whether an image cannot be embedded without its modality."""
        return self.share == "none"

    def _stem(self, x: Tensor, modalities: Tensor | None) -> Tensor:
        if self.share == "stem":
            return self.stem_forward(x)
        if modalities is None:
            raise ValueError(
                "a two-stream backbone must know each image's modality: give "
                "modalities, 0 (rgb) or 1 (ir) per image"
            )
        rows = modalities.argsort(stable=True)
        counts = modalities.bincount(minlength=len(self.stems)).tolist()
        maps = [
            stem(own)
            for stem, own in zip(
                self.stems.values(), x[rows].split(counts), strict=True
            )
            if len(own)  # a batch norm has no statistics of no rows
        ]
        return self.maxpool(self.relu(torch.cat(maps)[rows.argsort()]))

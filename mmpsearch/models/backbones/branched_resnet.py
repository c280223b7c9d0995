"""MGN's backbone: one trunk, three copies of the last stages."""

import copy

from torch import Tensor, nn

from mmpsearch.models.backbones.reid_resnet import ReIDResNet
from mmpsearch.registry import MODELS


@MODELS.register_module()
class BranchedResNet(ReIDResNet):
    """ResNet that splits after the first block of its third stage (MGN, section 3.1).

    The first branch, for the global feature, keeps the last stride; the branches for
    parts do not. Weights of a plain ResNet (torchvision, LUPerson, ...) are given to
    every branch when they are loaded.

    Args:
        depth: 50, 101 or 152.
        strides: last stride of every branch.
        branch_norm: batch norm behind every branch, for weights of momentum contrast,
            whose features have another scale (LUPerson's recipe).
        **kwargs: as :class:`ReIDResNet`, without non-local blocks.
    """

    def __init__(
        self,
        depth: int = 50,
        strides: tuple[int, ...] = (2, 1, 1),
        branch_norm: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(depth, strides=(1, 2, 2, 2), **kwargs)
        # a branch copies the third stage without its first block, then the fourth
        third = list(self.layer3)
        self.layer3 = nn.Sequential(third[0])
        self.branches = nn.ModuleList()
        for stride in strides:
            last = copy.deepcopy(self.layer4)
            if stride == 1:
                _remove_stride(last)
            branch = nn.ModuleDict(
                {"layer3": nn.Sequential(*copy.deepcopy(third[1:])), "layer4": last}
            )
            if branch_norm:
                branch["norm"] = nn.BatchNorm2d(self.feat_dim)
            self.branches.append(branch)
        del self.layer4
        self.res_layers = self.res_layers[:3]
        self._register_load_state_dict_pre_hook(self._fan_out)

    def _fan_out(self, state: dict, prefix: str, *_) -> None:
        """Replace a plain ResNet's last stages by one copy per branch."""
        start = f"{prefix}layer3."
        for key in [k for k in state if k.startswith((start, f"{prefix}layer4."))]:
            rest = key[len(prefix) :]
            if rest.startswith("layer3.0."):
                continue
            value = state.pop(key)
            if rest.startswith("layer3."):  # counted without the first block
                _, index, name = rest.split(".", 2)
                rest = f"layer3.{int(index) - 1}.{name}"
            for branch in range(len(self.branches)):
                state[f"{prefix}branches.{branch}.{rest}"] = value

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Args: x ``(B, 3, H, W)``. Returns one map ``(B, C, h, w)`` per branch."""
        x = self.stem_forward(x)
        for stage in range(3):
            x = self.stage_forward(stage, x)
        outputs = []
        for branch in self.branches:
            map_ = branch["layer4"](branch["layer3"](x))
            outputs.append(branch["norm"](map_) if "norm" in branch else map_)
        return tuple(outputs)


def _remove_stride(stage: nn.Module) -> None:
    for module in stage.modules():
        if isinstance(module, nn.Conv2d) and module.stride == (2, 2):
            module.stride = (1, 1)

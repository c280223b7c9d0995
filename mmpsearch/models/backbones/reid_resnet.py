"""ResNets for re-identification: IBN, non-local blocks, branched last stages."""

from collections.abc import Sequence

from mmpretrain.models import ResNet
from torch import Tensor, nn

from mmpsearch.models.backbones.non_local import NonLocalBlock
from mmpsearch.models.layers.instance_batch_norm import InstanceBatchNorm
from mmpsearch.registry import MODELS


@MODELS.register_module()
class ReIDResNet(ResNet):
    """MMPretrain's ResNet with IBN-a and AGW's non-local blocks.

    Its weights keep torchvision's names, so that ImageNet and LUPerson weights load.

    Args:
        depth: 18, 34, 50, 101 or 152.
        ibn: replace the first norm of every block of the first three stages by
            :class:`InstanceBatchNorm`.
        non_local: for each stage, after how many of its last blocks a non-local block
            stands; AGW's ResNet-50 has (0, 2, 3, 0).
        non_local_reduction: inner width of the non-local blocks, ``C`` divided by
            this (2 in Wang et al., CVPR 2018); None is AGW's single channel.
        strides: of the stages; re-identification leaves out the last stride.
        out_indices: stages to return.
        zero_init_residual: start the residual branches at zero when training from
            scratch. MMPretrain's default; the released re-identification codes start
            from torchvision's, which does not.
        **kwargs: as MMPretrain's ResNet; ``init_cfg`` of ``Pretrained`` may have
            ``checkpoint=None``, which is from scratch.
    """

    def __init__(
        self,
        depth: int = 50,
        ibn: bool = False,
        non_local: Sequence[int] = (0, 0, 0, 0),
        non_local_reduction: int | None = None,
        strides: Sequence[int] = (1, 2, 2, 1),
        out_indices: Sequence[int] = (3,),
        zero_init_residual: bool = False,
        **kwargs,
    ) -> None:
        init_cfg = kwargs.get("init_cfg")
        if isinstance(init_cfg, dict) and init_cfg.get("checkpoint", "") is None:
            del kwargs["init_cfg"]
        super().__init__(
            depth,
            strides=strides,
            out_indices=out_indices,
            zero_init_residual=zero_init_residual,
            **kwargs,
        )
        if ibn:
            for name in self.res_layers[:3]:
                for block in getattr(self, name):
                    setattr(block, block.norm1_name, _ibn_like(block.norm1))
        self.non_local = nn.ModuleList()
        for name, number in zip(self.res_layers, non_local, strict=True):
            blocks = getattr(self, name)
            if number > len(blocks):
                raise ValueError(
                    f"non_local={tuple(non_local)}: {name} has {len(blocks)} blocks"
                )
            channels = blocks[-1].out_channels
            inner = channels // non_local_reduction if non_local_reduction else 1
            self.non_local.append(
                nn.ModuleList(NonLocalBlock(channels, inner) for _ in range(number))
            )

    def init_weights(self) -> None:
        """As MMPretrain's; the non-local blocks start as the identity.

        Non-local blocks that the pre-trained weights have are kept.
        """
        super().init_weights()
        config = self.init_cfg
        if isinstance(config, dict) and config["type"] == "Pretrained":
            return  # others are as they were made
        for block in self.non_local.modules():
            if isinstance(block, NonLocalBlock):
                block.reset_parameters()

    def train(self, mode: bool = True) -> "ReIDResNet":
        """As MMPretrain's, which returns nothing."""
        super().train(mode)
        return self

    def stem_forward(self, x: Tensor) -> Tensor:
        """``(B, 3, H, W) -> (B, 64, H / 4, W / 4)``."""
        return self.maxpool(self.relu(self.norm1(self.conv1(x))))

    def stage_forward(self, stage: int, x: Tensor) -> Tensor:
        """One stage with its non-local blocks."""
        blocks, extra = getattr(self, self.res_layers[stage]), self.non_local[stage]
        first = len(blocks) - len(extra)
        for index, block in enumerate(blocks):
            x = block(x)
            if index >= first:
                x = extra[index - first](x)
        return x

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Args: x ``(B, 3, H, W)``. Returns the maps of ``out_indices``."""
        x, outputs = self.stem_forward(x), []
        for stage in range(len(self.res_layers)):
            x = self.stage_forward(stage, x)
            if stage in self.out_indices:
                outputs.append(x)
        return tuple(outputs)


def _ibn_like(norm: nn.Module) -> InstanceBatchNorm:
    return InstanceBatchNorm(norm.num_features)

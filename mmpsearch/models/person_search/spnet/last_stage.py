"""The last stage of a backbone, as a module of its own.

SPNet's Box Embedder continues, on box features of the pyramid, with a copy of the
backbone's last stage. A backbone says by its method ``last_stage`` what that is; for
those of MMPretrain and MMDetection it is said here.
"""

import copy
from functools import singledispatch
from typing import NamedTuple

from mmdet.models import ResNet as MMDetResNet
from mmpretrain.models import ConvNeXt, ResNet
from torch import nn


class LastStage(NamedTuple):
    """A backbone's last stage together with its downsampling.

    Attributes:
        module: maps ``(N, C4, h, w)`` to ``(N, C5, h / 2, w / 2)``.
        in_channels: ``C4``.
        out_channels: ``C5``.
    """

    module: nn.Module
    in_channels: int
    out_channels: int

    def copy(self) -> "LastStage":
        """One with weights of its own."""
        return self._replace(module=copy.deepcopy(self.module))


@singledispatch
def last_stage_of(backbone: nn.Module) -> LastStage:
    """The last stage, sharing its weights with the backbone.

    Args:
        backbone: a ConvNeXt or ResNet of MMPretrain or MMDetection, or one whose
            method ``last_stage`` gives a module with ``in_channels`` and
            ``out_channels``. More kinds are added by ``last_stage_of.register``.

    Raises:
        TypeError: the backbone is of another kind.
    """
    if not hasattr(backbone, "last_stage"):
        raise TypeError(
            f"the Box Embedder cannot copy the last stage of a "
            f"{type(backbone).__name__}; use a ConvNeXt, ResNet, SemanticSwin or "
            "TorchvisionSwin backbone, or another box embedder"
        )
    stage = backbone.last_stage()
    return LastStage(stage, stage.in_channels, stage.out_channels)


@last_stage_of.register
def _(backbone: ConvNeXt) -> LastStage:
    downsample = backbone.downsample_layers[-1]
    stage = nn.Sequential(downsample, backbone.stages[-1])
    convolution = downsample[1]
    return LastStage(stage, convolution.in_channels, convolution.out_channels)


@last_stage_of.register(ResNet)
@last_stage_of.register(MMDetResNet)
def _(backbone: ResNet | MMDetResNet) -> LastStage:
    stage = getattr(backbone, backbone.res_layers[-1])
    convolutions = [m for m in stage[-1].modules() if isinstance(m, nn.Conv2d)]
    first = stage[0].conv1
    return LastStage(stage, first.in_channels, convolutions[-1].out_channels)

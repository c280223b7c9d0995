"""The last stage of a backbone, as a module of its own.

SPNet's Box Embedder continues, on box features of the pyramid, with a copy of the
backbone's last stage.
"""

import copy

from torch import nn


def last_stage(backbone: nn.Module) -> nn.Module:
    """Copy the last stage together with its downsampling.

    Args:
        backbone: a ConvNeXt or ResNet of MMPretrain or MMDetection, or one whose
            method ``last_stage`` gives a module with ``in_channels`` and
            ``out_channels``.

    Returns:
        A module that maps ``(N, C4, h, w)`` to ``(N, C5, h / 2, w / 2)``.

    Raises:
        TypeError: the backbone is of another kind.
    """
    return copy.deepcopy(_find(backbone))


def copy_last_stage(backbone: nn.Module, stage: nn.Module) -> None:
    """Overwrite an earlier copy by the backbone's present weights.

    Args:
        backbone: where :func:`last_stage` took it from.
        stage: the copy, changed in place.
    """
    stage.load_state_dict(_find(backbone).state_dict())


def last_stage_channels(backbone: nn.Module) -> tuple[int, int]:
    """Input and output channels of the last stage.

    Args:
        backbone: as in :func:`last_stage`.

    Returns:
        ``(C4, C5)``.
    """
    stage = _find(backbone)
    if hasattr(stage, "out_channels"):
        return stage.in_channels, stage.out_channels
    convolutions = [m for m in stage.modules() if isinstance(m, nn.Conv2d)]
    weights = [p for p in stage.parameters() if p.dim() == 4]
    return convolutions[0].in_channels, weights[-1].shape[0]


def _find(backbone: nn.Module) -> nn.Module:
    if hasattr(backbone, "last_stage"):
        return backbone.last_stage()
    if hasattr(backbone, "downsample_layers") and hasattr(backbone, "stages"):
        return nn.Sequential(backbone.downsample_layers[-1], backbone.stages[-1])
    if hasattr(backbone, "res_layers"):
        return getattr(backbone, backbone.res_layers[-1])
    raise TypeError(
        f"the Box Embedder cannot copy the last stage of a {type(backbone).__name__}; "
        "use a ConvNeXt, ResNet, SemanticSwin or TorchvisionSwin backbone, or another "
        "box embedder"
    )

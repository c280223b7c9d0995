"""State dicts of DDAG's released code, and what they share with AGW's."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.backbone import unwrap
from mmpsearch.models.converters.renaming import ConversionReport, rename_keys

TWO_STREAM_RULES = (
    ("visible_module.visible.conv1", "backbone.stems.rgb.conv1"),
    ("visible_module.visible.bn1", "backbone.stems.rgb.bn1"),
    ("thermal_module.thermal.conv1", "backbone.stems.ir.conv1"),
    ("thermal_module.thermal.bn1", "backbone.stems.ir.bn1"),
    ("base_resnet.base.layer{stage}", "backbone.layer{stage}"),
)
UNUSED_RESNETS = "the released code holds three whole ResNets and uses one of each part"
TWO_STREAM_IGNORED = (
    ("visible_module.visible.layer{stage}", UNUSED_RESNETS),
    ("thermal_module.thermal.layer{stage}", UNUSED_RESNETS),
    ("base_resnet.base.conv1", UNUSED_RESNETS),
    ("base_resnet.base.bn1", UNUSED_RESNETS),
)
RULES = (
    *TWO_STREAM_RULES,
    ("bottleneck", "heads.whole.bottleneck"),
    ("classifier", "classifiers.whole.linear"),
    ("wpa.gate", "heads.attended.gate"),
    ("wpa.bottleneck", "heads.attended.bottleneck"),
    ("wpa.fc1.0", "heads.attended.query"),
    ("wpa.fc2", "heads.attended.key"),
    ("wpa.fc3", "heads.attended.value"),
    ("attention_{head}.W", "graph.heads.{head}.weight"),
    ("attention_{head}.a", "graph.heads.{head}.scores"),
    ("out_att.W", "graph.output.weight"),
    ("out_att.a", "graph.output.scores"),
)
IGNORED = (
    *TWO_STREAM_IGNORED,
    ("classifier1", "never used by the released code"),
    ("classifier2", "never used by the released code"),
    ("wpa.W", "never applied by the released code"),
)


def released_state(checkpoint: Mapping[str, Any]) -> dict[str, Tensor]:
    """The state dict of a released file: flat, or under ``net``, or of several GPUs."""
    inner = checkpoint.get("net")
    state, _ = unwrap(inner if isinstance(inner, Mapping) else checkpoint)
    return {key.removeprefix("module."): value for key, value in state.items()}


def require_two_streams(
    converted: Mapping[str, Tensor], state: Mapping[str, Tensor]
) -> None:
    """Check that both stems and the shared stages were found.

    Args:
        converted: what came of it.
        state: the source, for the message.

    Raises:
        ConversionError: a modality's stem or the shared stages are missing.
    """
    for name in ("stems.rgb.conv1", "stems.ir.conv1", "layer4.0.conv1"):
        if f"backbone.{name}.weight" not in converted:
            raise ConversionError(
                f"not the weights of a two-stream ResNet: nothing gives {name}; the "
                f"first key is {next(iter(state), None)!r}"
            )


def convert_ddag(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to the names of :class:`~mmpsearch.models.reid.DDAG`.

    1x1 convolutions of parts become linear layers, and an attention's column of scores
    two rows. The weight of the graph's loss is not part of released files: a model
    that goes on training starts it anew.

    Args:
        checkpoint: state dict, or a checkpoint that holds one, also under ``net``.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: a modality's stem, the shared stages or the attention to parts
            are missing.
    """
    state = released_state(checkpoint)
    converted, report = rename_keys(state, RULES, IGNORED)
    require_two_streams(converted, state)
    if "heads.attended.gate" not in converted:
        raise ConversionError("not DDAG's weights: there is no wpa.gate")
    for key, value in converted.items():
        if key.endswith(".scores"):
            converted[key] = value.reshape(2, -1)
        elif key.startswith("heads.attended.") and value.dim() == 4:
            converted[key] = value.flatten(1)
    shared = converted.get("classifiers.whole.linear.weight")
    if shared is not None:  # both embeddings have one classifier
        converted["classifiers.attended.linear.weight"] = shared
    return converted, report

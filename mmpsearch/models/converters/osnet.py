"""State dicts of torchreid's OSNets, and of projects that keep its names."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.renaming import ConversionReport, rename_keys

HEAD = "heads.whole.reduction"


def _rules() -> tuple[tuple[str, str], ...]:
    """From stem to head; ``osnet_ain`` names streams and transitions differently."""
    rules = [
        ("conv1.conv", "backbone.stem.0"),
        ("conv1.bn", "backbone.stem.1"),
        ("conv5.conv", "backbone.stages.2.2.0"),
        ("conv5.bn", "backbone.stages.2.2.1"),
        ("fc.0", f"{HEAD}.0"),
        ("fc.1", f"{HEAD}.1"),
        ("classifier", "classifiers.whole.linear"),
    ]
    for stage in range(3):
        theirs, ours = f"conv{stage + 2}", f"backbone.stages.{stage}"
        block, to = f"{theirs}.{{block}}", f"{ours}.{{block}}"
        for name, part in {
            "conv1": "reduce",
            "conv3": "expand",
            "downsample": "shortcut",
        }.items():
            rules.append((f"{block}.{name}.conv", f"{to}.{part}.0"))
            rules.append((f"{block}.{name}.bn", f"{to}.{part}.1"))
        rules.append((f"{block}.gate.fc1", f"{to}.gate.squeeze"))
        rules.append((f"{block}.gate.fc2", f"{to}.gate.excite"))
        for name, layer in {"conv1": 0, "conv2": 1, "bn": 2}.items():
            for stream, letter in enumerate("abcd"):
                depth = "0" if stream == 0 else "{depth}"
                theirs_depth = "" if stream == 0 else ".{depth}"
                rules.append(
                    (
                        f"{block}.conv2{letter}{theirs_depth}.{name}",
                        f"{to}.streams.{stream}.{depth}.{layer}",
                    )
                )
            rules.append(
                (
                    f"{block}.conv2.{{stream}}.layers.{{depth}}.{name}",
                    f"{to}.streams.{{stream}}.{{depth}}.{layer}",
                )
            )
        for name, layer in {"conv": 0, "bn": 1}.items():
            rules.append((f"{theirs}.2.0.{name}", f"{ours}.2.{layer}"))
            rules.append((f"pool{stage + 2}.0.{name}", f"{ours}.2.{layer}"))
    return tuple(rules)


RULES = _rules()


def convert_osnet(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to a :class:`~mmpsearch.models.reid.ReIDModel` on an ``OSNet``.

    The fully connected layer's shift goes into the running mean of the norm behind it,
    which takes it off again; outputs are the same.

    Args:
        checkpoint: state dict, or a checkpoint that holds one as ``state_dict``.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is no OSNet, or one without its fully connected layer.
    """
    state = checkpoint.get("state_dict", checkpoint)
    state = {name.removeprefix("module."): value for name, value in state.items()}
    if "conv2.0.conv1.conv.weight" not in state:
        raise ConversionError("these are not the weights of an OSNet of torchreid")
    if "fc.0.weight" not in state:
        raise ConversionError("this OSNet has no fully connected layer, fc.0")
    # IBN's blocks end in the norm, AIN's have it before the sum, instead of another
    inside = "conv2.0.conv3.bn.weight" not in state
    place = "inside" if inside else "outside"
    norms = [
        (f"conv{stage + 2}.{{block}}.IN", f"backbone.stages.{stage}.{{block}}.{place}")
        for stage in range(3)
    ]
    shift = state.pop("fc.0.bias", 0.0)
    converted, report = rename_keys(state, (*RULES, *norms))
    converted[f"{HEAD}.1.running_mean"] = state["fc.1.running_mean"] - shift
    return converted, report

"""Whole pre-trainings of iBOT, PersonViT and DINO, and back to plain ViT weights."""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.backbone import unwrap
from mmpsearch.models.converters.renaming import ConversionReport

PARTS = ("backbone.", "head.")
# PyTorch's newer weight norm names its two tensors by number.
NEW_WEIGHT_NORM = {
    "parametrizations.weight.original0": "weight_g",
    "parametrizations.weight.original1": "weight_v",
}
CENTERS = {"center": "class_center.center", "center2": "patch_center.center"}
NUMBERS = {"epoch", "args", "optimizer", "fp16_scaler"}


def convert_self_supervised(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate a pre-training checkpoint to a :class:`PersonViT`'s state dict.

    Student, teacher and, where saved, the centres; so a pre-training can be looked at
    (prototypes of patches) or gone on with. Its optimizer is left out. Where only the
    teacher was saved, it becomes the student too.

    Args:
        checkpoint: dict with ``teacher``, and ``student`` where it was saved.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: there is no teacher with backbone and head.
    """
    if not isinstance(checkpoint.get("teacher"), Mapping):
        raise ConversionError(
            "holds no pre-training (no 'teacher'); its entries are "
            f"{', '.join(map(str, checkpoint))}"
        )
    report = ConversionReport()
    state = _network(checkpoint["teacher"], "teacher", report)
    if isinstance(checkpoint.get("student"), Mapping):
        state |= _network(checkpoint["student"], "student", report)
    else:
        copied = {key.replace("teacher.", "student.", 1): v for key, v in state.items()}
        state |= copied
    for name, value in (checkpoint.get("ibot_loss") or {}).items():
        if name in CENTERS:
            state[CENTERS[name]] = value.flatten()
            report.renamed[f"ibot_loss.{name}"] = CENTERS[name]
        else:
            report.unmatched.append(f"ibot_loss.{name}")
    for name in checkpoint.keys() & NUMBERS:
        report.ignored[name] = "state of the training program"
    return state, report


def _network(
    source: Mapping[str, Tensor], name: str, report: ConversionReport
) -> dict[str, Tensor]:
    """``backbone.*`` and ``head.*`` of student or teacher, renamed."""
    found = {}
    for key, value in source.items():
        plain = key.removeprefix("module.")
        for theirs, ours in NEW_WEIGHT_NORM.items():
            plain = plain.replace(theirs, ours)
        if plain.startswith(PARTS):
            found[f"{name}.{plain}"] = value
            report.renamed[f"{name}.{key}"] = f"{name}.{plain}"
        else:
            report.unmatched.append(f"{name}.{key}")
    for part, marker in zip(PARTS, ("pos_embed", "mlp.0.weight"), strict=True):
        if f"{name}.{part}{marker}" not in found:
            raise ConversionError(
                f"its {name} has no {part}{marker}; the first key is "
                f"{next(iter(source), None)!r}"
            )
    # DINO has prototypes for the class token alone
    pattern = re.escape(f"{name}.head.last_layer.") + r"(weight_[gv])"
    for key in list(found):
        if match := re.fullmatch(pattern, key):
            found.setdefault(f"{name}.head.last_layer2.{match[1]}", found[key])
    return found


def plain_vit(checkpoint: Mapping[str, Any]) -> tuple[dict[str, Tensor], str]:
    """The transformer of a checkpoint of ours, named as TransReID, timm and DINO do.

    Of a pre-training the teacher's, else the backbone of a re-identification model,
    ours or TransReID's.

    Args:
        checkpoint: state dict, or a checkpoint that holds one.

    Returns:
        State dict without prefix, and the prefix that was taken away.

    Raises:
        ConversionError: there is no transformer.
    """
    state, _ = unwrap(checkpoint)
    state = {key.removeprefix("module."): value for key, value in state.items()}
    for prefix in ("teacher.backbone.", "backbone.", "base.", ""):
        if f"{prefix}pos_embed" in state:
            kept = {
                key.removeprefix(prefix): value
                for key, value in state.items()
                if key.startswith(prefix)
            }
            kept.pop("masked_embed", None)
            return kept, prefix
    raise ConversionError(
        "has no vision transformer (no 'pos_embed' under teacher.backbone., backbone., "
        f"base. or no prefix); its first key is {next(iter(state), None)!r}"
    )

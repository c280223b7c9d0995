"""Swin transformers of SOLIDER, Microsoft, torchvision and MMPretrain."""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones.semantic_swin import SemanticSwin
from mmpsearch.models.converters.backbone import (
    fine_tuned_parts,
    require_complete,
    strip_prefix,
    unwrap,
)
from mmpsearch.models.converters.renaming import ConversionReport, rename_keys

PREFIXES = ("module.backbone.", "backbone.", "module.base.", "base.", "module.", "")
# width of the first stage and blocks of the third -> name
ARCHITECTURES = {(96, 6): "tiny", (96, 18): "small", (128, 18): "base"}
RECOMPUTED = ("relative_position_index", "attn_mask")
_BLOCK = (
    ("attn.proj", "attn.w_msa.proj"),
    ("attn.qkv", "attn.w_msa.qkv"),
    ("attn.relative_position_bias_table", "attn.w_msa.relative_position_bias_table"),
    ("attn.relative_position_index", "attn.w_msa.relative_position_index"),
    ("norm1", "norm1"),
    ("norm2", "norm2"),
)
# marker of a layout -> its names below one block, of a stage, and of the patches
LAYOUTS = {
    "patch_embed.proj.weight": (  # Microsoft
        ("mlp.fc1", "mlp.fc2"),
        ("layers.{0}.blocks.{{i}}", "layers.{0}.downsample"),
        (("patch_embed.proj", "projection"), ("patch_embed.norm", "norm")),
    ),
    "features.0.0.weight": (  # torchvision
        ("mlp.0", "mlp.3"),
        ("features.{1}.{{i}}", "features.{2}"),
        (("features.0.0", "projection"), ("features.0.2", "norm")),
    ),
}
OWN_MARKER = "patch_embed.projection.weight"  # SOLIDER, MMPretrain, MMDetection


def convert_swin(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to ``backbone.*`` of a model with a :class:`SemanticSwin`.

    Of SOLIDER's pre-training checkpoints the teacher is taken; its projection head is
    left out. A fine-tuned model (SOLIDER-REID) also gives its BNNeck
    (``heads.whole.bottleneck.*``) and classifier. Weights without semantic embeddings
    (ImageNet's) are taken too: the model then starts with its own. The last norm of a
    classifier is the last stage's norm.

    Args:
        checkpoint: state dict, or a checkpoint that holds one.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is no such transformer, or part of one.
    """
    report = ConversionReport()
    state, _ = unwrap(checkpoint)
    converted = fine_tuned_parts(state, report)
    state = {key: value for key, value in state.items() if key not in report.renamed}
    marker = next(
        (m for m in LAYOUTS if any(key.endswith(m) for key in state)), OWN_MARKER
    )
    kept = strip_prefix(state, PREFIXES, marker, report)
    named = _own_names({name: value for name, (_, value) in kept.items()}, marker)
    arch = _find_architecture({ours: value for ours, value in named.values()})
    wanted = {
        name: value
        for name, value in SemanticSwin(arch, out_indices=(1, 2, 3))
        .state_dict()
        .items()
        if not name.endswith(RECOMPUTED)
    }
    found = {}
    for name, (ours, value) in named.items():
        source = kept[name][0]
        if ours.endswith(RECOMPUTED):
            report.ignored[source] = "computed anew"
        elif ours.startswith("head."):
            report.ignored[source] = "projection head of pre-training, or classifier"
        elif ours.startswith("norm0."):
            report.ignored[source] = "norm of the first stage"
        elif ours in wanted:
            converted[f"backbone.{ours}"] = found[ours] = value
            report.renamed[source] = f"backbone.{ours}"
        else:
            report.unmatched.append(source)
    optional = ["norm1.", "norm2."]
    if not any("semantic" in name for name in found):
        optional.append("semantic_embed")
    needed = {k: v for k, v in wanted.items() if not k.startswith(tuple(optional))}
    require_complete(found, needed, f"a Swin-{arch}")
    return converted, report


def _own_names(
    state: Mapping[str, Tensor], marker: str
) -> dict[str, tuple[str, Tensor]]:
    """Source name -> name in MMPretrain's Swin, and value."""
    has_last_norm = any(name.startswith("norm3.") for name in state)
    rules = [] if has_last_norm else [("norm", "norm3")]
    if marker in LAYOUTS:
        (first, second), (blocks, merging), patches = LAYOUTS[marker]
        rules += [(public, f"patch_embed.{ours}") for public, ours in patches]
        for stage in range(4):
            numbers = (stage, 2 * stage + 1, 2 * stage + 2)
            names = (*_BLOCK, (first, "ffn.layers.0.0"), (second, "ffn.layers.1"))
            rules += [
                (
                    f"{blocks.format(*numbers)}.{public}",
                    f"stages.{stage}.blocks.{{i}}.{ours}",
                )
                for public, ours in names
            ]
            rules.append((merging.format(*numbers), f"stages.{stage}.downsample"))
    _, renaming = rename_keys(state, rules)
    named = {name: (renaming.renamed.get(name, name), v) for name, v in state.items()}
    if marker in LAYOUTS:
        for name, (ours, value) in named.items():
            if re.fullmatch(r"stages\.\d\.downsample\.(norm|reduction)\.\w+", ours):
                named[name] = ours, _channel_by_channel(value)
    return named


def _channel_by_channel(merging: Tensor) -> Tensor:
    """From four cells' channels one cell after another to each channel's four cells.

    Microsoft's patch merging takes the cells column by column, MMPretrain's row by row.

    Args:
        merging: weight ``(2C, 4C)``, or scale or shift ``(4C,)``.
    """
    cells = merging.unflatten(-1, (4, -1))[..., [0, 2, 1, 3], :]
    return cells.transpose(-1, -2).flatten(-2)


def _find_architecture(state: Mapping[str, Tensor]) -> str:
    width = state[OWN_MARKER].shape[0]
    prefix = "stages.2.blocks."
    blocks = len({k.split(".")[3] for k in state if k.startswith(prefix)})
    if (width, blocks) not in ARCHITECTURES:
        raise ConversionError(
            f"no Swin here has width {width} and {blocks} blocks in its third stage"
        )
    return ARCHITECTURES[width, blocks]

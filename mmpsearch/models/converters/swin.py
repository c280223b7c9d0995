"""SOLIDER's Swin transformers."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ..backbones.semantic_swin import SemanticSwin
from .backbone import ConversionError, require_complete, strip_prefix, unwrap
from .renaming import ConversionReport

PREFIXES = ("module.backbone.", "backbone.", "module.base.", "base.", "module.", "")
# width of the first stage and blocks of the third -> name
ARCHITECTURES = {(96, 6): "tiny", (96, 18): "small", (128, 18): "base"}
RECOMPUTED = ("relative_position_index", "attn_mask")


def convert_swin(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to ``backbone.*`` of a model with a :class:`SemanticSwin`.

    Names are MMPretrain's already. Of pre-training checkpoints the teacher is taken;
    its projection head is left out, and so are norms of the earlier stages, which
    re-identification does not read.

    Args:
        checkpoint: state dict, or a checkpoint that holds one.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is no such transformer, or part of one.
    """
    report = ConversionReport()
    state, _ = unwrap(checkpoint)
    kept = strip_prefix(state, PREFIXES, "patch_embed.projection.weight", report)
    arch = _find_architecture({name: value for name, (_, value) in kept.items()})
    wanted = {
        name: value
        for name, value in SemanticSwin(arch).state_dict().items()
        if not name.endswith(RECOMPUTED)
    }
    converted, found = {}, {}
    for name, (source, value) in kept.items():
        if name.endswith(RECOMPUTED):
            report.ignored[source] = "computed anew"
        elif name.startswith("head."):
            report.ignored[source] = "projection head of pre-training, or classifier"
        elif name.startswith(("norm0.", "norm1.", "norm2.")):
            report.ignored[source] = "norm of an earlier stage"
        elif name in wanted:
            converted[f"backbone.{name}"] = found[name] = value
            report.renamed[source] = f"backbone.{name}"
        else:
            report.unmatched.append(source)
    require_complete(found, wanted, f"SOLIDER's Swin-{arch}")
    return converted, report


def _find_architecture(state: Mapping[str, Tensor]) -> str:
    width = state["patch_embed.projection.weight"].shape[0]
    prefix = "stages.2.blocks."
    blocks = len({k.split(".")[3] for k in state if k.startswith(prefix)})
    if (width, blocks) not in ARCHITECTURES:
        raise ConversionError(
            f"no Swin here has width {width} and {blocks} blocks in its third stage"
        )
    return ARCHITECTURES[width, blocks]

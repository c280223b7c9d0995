"""Vision transformers of DINO, iBOT, TransReID-SSL and PersonViT."""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones.vision_transformer import (
    ARCHITECTURES,
    VisionTransformer,
)
from mmpsearch.models.converters.backbone import (
    fine_tuned_parts,
    require_complete,
    strip_prefix,
    unwrap,
)
from mmpsearch.models.converters.renaming import ConversionReport
from mmpsearch.models.layers.position_embedding import Grid, infer_grid, resize_at_load

PREFIXES = ("module.backbone.", "backbone.", "module.base.", "base.", "module.", "")
PARTS = re.compile(r"part_?(token)?_?\d(_token|_pos)?")
IGNORED = {
    "fc.": "ImageNet classifier, not used",
    "head.": "projection head of pre-training, or classifier",
    "pre_logits.": "not used by the released models",
    "dist_token": "distillation token",
}


def convert_vit(
    checkpoint: Mapping[str, Any],
    source_grid: Grid | None = None,
    target_grid: Grid | None = None,
    aspect: float = 2.0,
    keep_mask_token: bool = False,
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to ``backbone.*`` of a model with a :class:`VisionTransformer`.

    Pre-training checkpoints give their teacher. A fine-tuned model also gives its
    BNNeck (``heads.whole.bottleneck.*``); its classifier is kept as
    ``classifiers.whole.linear.weight``.

    Args:
        checkpoint: state dict, or a checkpoint that holds one.
        source_grid: grid (rows, columns) of its position embedding; None: found from
            the number of patches and ``aspect``.
        target_grid: grid to resize it to (bilinear, as TransReID loads weights); None:
            it stays as it is.
        aspect: rows / columns of the source's grid: 2 for weights trained on people,
            1 for ImageNet's.
        keep_mask_token: keep the mask token, to go on pre-training.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is no such transformer, or part of one, or its position
            embedding does not fit ``source_grid``; or PASS's, with tokens of parts.
    """
    report = ConversionReport()
    state, _ = unwrap(checkpoint)
    _refuse_parts(state)
    converted = fine_tuned_parts(state, report)
    rest = {key: value for key, value in state.items() if key not in report.renamed}
    kept = strip_prefix(rest, PREFIXES, "pos_embed", report)
    found = {}
    for name, (source, value) in kept.items():
        reason = next((r for p, r in IGNORED.items() if name.startswith(p)), None)
        if name == "masked_embed" and not keep_mask_token:
            reason = "mask token of pre-training"
        if reason:
            report.ignored[source] = reason
        else:
            found[name] = value
    if "pos_embed" in found:
        found["pos_embed"] = _position(
            found["pos_embed"], source_grid, target_grid, aspect
        )
    wanted, what = _build_like(found)
    for name, value in found.items():
        source = kept[name][0]
        if name in wanted:
            if name == "patch_embed.proj.weight" and value.dim() == 2:
                value = value.view_as(wanted[name])  # saved as a matrix
                found[name] = value
            converted[f"backbone.{name}"] = value
            report.renamed[source] = f"backbone.{name}"
        else:
            report.unmatched.append(source)
    require_complete(found, wanted, what)
    return converted, report


def _refuse_parts(state: Mapping[str, Tensor]) -> None:
    """Refuse PASS's transformers (Zhu et al., ECCV 2022)."""
    for key, value in state.items():
        name = key.rpartition("backbone.")[2].rpartition("base.")[2]
        tokens = value.shape[1] if name == "pos_embed" and value.dim() == 3 else 0
        # 3 parts with the 128 patches of 256 x 128, with or without the class token
        if PARTS.fullmatch(name) or tokens in (131, 132):
            raise ConversionError(
                f"{key} belongs to PASS, whose transformers have three tokens of parts "
                "beside the class token; no backbone here has them. Weights of DINO, "
                "iBOT, TransReID-SSL and PersonViT are converted"
            )


def _position(
    embedding: Tensor, source: Grid | None, target: Grid | None, aspect: float
) -> Tensor:
    try:
        source = source or infer_grid(embedding.shape[1] - 1, aspect)
        if target is None or tuple(source) == tuple(target):
            return embedding
        return resize_at_load(embedding, source, target)
    except ValueError as error:
        raise ConversionError(str(error)) from None


def _build_like(found: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    """State dict of the transformer that these weights belong to, and its name."""
    width = found["cls_token"].shape[-1] if "cls_token" in found else None
    arch = next((a for a, (dims, *_) in ARCHITECTURES.items() if dims == width), None)
    if arch is None:
        raise ConversionError(f"no vision transformer here has the width {width}")
    stem = "ibn" if "patch_embed.conv.0.weight" in found else "conv"
    cameras = found["sie_embed"].shape[0] if "sie_embed" in found else 0
    model = VisionTransformer(
        arch,
        stem=stem,
        num_cameras=cameras,
        mask_token="masked_embed" in found,
    )
    wanted = model.state_dict()
    wanted["pos_embed"] = found["pos_embed"]  # any grid
    return wanted, f"a ViT-{arch}{' with IBN stem' if stem == 'ibn' else ''}"

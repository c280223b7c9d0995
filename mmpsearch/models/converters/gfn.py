"""Checkpoints of the public SeqNeXt with its gallery filter network."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.renaming import ConversionReport, rename_keys
from mmpsearch.models.converters.spnet_names import convnext_pairs
from mmpsearch.models.converters.two_stage import PROPOSALS

# The public model stores shared modules under each of their names.
ALIASES = [
    ("roi_heads.gfn", "stored once more below gfn"),
    ("gfn.query_reid_head", "stored once more as roi_heads.reid_head"),
    ("gfn.query_emb_head", "stored once more as roi_heads.embedding_head"),
    ("gfn.reid_loss", "stored once more as roi_heads.reid_loss"),
    ("roi_heads.box_head", "stored once more as roi_heads.reid_head"),
]
STAGES = (
    ("roi_heads.prop_head", "search_head.detection_stage"),
    ("roi_heads.reid_head", "search_head.search_stage"),
    ("gfn.head.image_reid_head", "scene_embedder.stage"),
)
HEADS = [
    *(
        (f"{public}.projectors.{level}", f"{ours}.projections.{place}")
        for public, ours in (
            ("roi_heads.embedding_head", "search_head.embedding"),
            ("gfn.head.image_emb_head", "scene_embedder.embedding"),
        )
        for place, level in enumerate(("feat_res4", "feat_res5"))
    ),
    ("roi_heads.faster_rcnn_predictor.cls_score", "search_head.predictor.classifier"),
    (
        "roi_heads.faster_rcnn_predictor.bbox_pred",
        "search_head.predictor.regressor.layers.0",
    ),
    ("roi_heads.score_predictor.cls_score", "search_head.classifier"),
    ("roi_heads.score_predictor.bbox_pred", "search_head.regressor"),
    ("roi_heads.reid_loss.lut", "reid_loss.lookup_table"),
    ("roi_heads.reid_loss.cq", "reid_loss.circular_queue"),
    ("gfn.fuser.norm.norm", "fusion.norm"),
]


def convert_gfn(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to a :class:`~mmpsearch.models.person_search.GFN`.

    Without a filter network (``use_gfn`` off) to a :class:`TwoStageSearch` with a
    :class:`SeqNeXtHead`. The write position of the queue is not saved by the public
    code; ours starts behind the rows that are filled.

    Args:
        checkpoint: state dict, or a checkpoint with it under ``model`` or
            ``state_dict``.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is something else.
    """
    for key in ("model", "state_dict"):
        if isinstance(checkpoint.get(key), Mapping):
            checkpoint = checkpoint[key]
            break
    state = {
        key.removeprefix("module."): value
        for key, value in checkpoint.items()
        if isinstance(value, Tensor)
    }
    is_convnext = "backbone.body.0.0.weight" in state
    rules = _convnext_rules() if is_convnext else _resnet_rules()
    converted, report = rename_keys(state, [*PROPOSALS, *HEADS, *rules], ALIASES)
    for needed in ("search_head.classifier.weight", "rpn_head.rpn_cls.weight"):
        if needed not in converted:
            raise ConversionError(
                f"not a state dict of the public SeqNeXt (GFN): it gives no {needed}"
            )
    for key in [key for key in converted if key.endswith(".gamma")]:
        converted[key] = converted[key].flatten()
    queue = converted.get("reid_loss.circular_queue")
    if queue is not None:
        filled = (queue != 0).any(dim=1).sum()
        converted["reid_loss.queue_head"] = (filled % len(queue)).to(torch.int64)
    return converted, report


def _convnext_rules() -> list[tuple[str, str]]:
    rules = list(convnext_pairs("backbone.body", "backbone"))
    for public, ours in STAGES:
        # a stage and what is before it: the last two parts of the whole network
        for place, part in (("features.6", "head.0"), ("features.7", "head.1")):
            rules += [
                (theirs.replace(place, f"{public}.{part}"), name)
                for theirs, name in convnext_pairs("features", ours)
                if theirs.startswith(place)
            ]
    return rules


def _resnet_rules() -> list[tuple[str, str]]:
    stages = [(f"{public}.head", f"{ours}.layer4") for public, ours in STAGES]
    return [("backbone.body", "backbone"), *stages]

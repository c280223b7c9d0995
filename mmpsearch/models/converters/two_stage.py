"""Checkpoints of the public SeqNet and of NAE in the same code's layout."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from mmpsearch.errors import ConversionError
from mmpsearch.models.converters.renaming import ConversionReport, rename_keys

PROPOSALS = [
    ("rpn.head.conv.0.0", "rpn_head.rpn_conv"),  # newer torchvision
    ("rpn.head.conv", "rpn_head.rpn_conv"),
    ("rpn.head.cls_logits", "rpn_head.rpn_cls"),
    ("rpn.head.bbox_pred", "rpn_head.rpn_reg"),
]
EMBEDDING = [
    (
        "roi_heads.embedding_head.projectors.feat_res4",
        "search_head.embedding.projections.0",
    ),
    (
        "roi_heads.embedding_head.projectors.feat_res5",
        "search_head.embedding.projections.1",
    ),
    ("roi_heads.embedding_head.rescaler", "search_head.embedding.rescale"),
    ("roi_heads.box_predictor.bbox_pred", "search_head.regressor.layers"),
    ("roi_heads.reid_loss.lut", "reid_loss.lookup_table"),
    ("roi_heads.reid_loss.cq", "reid_loss.circular_queue"),
]
SEQNET = [
    ("roi_heads.box_head", "search_head.detection_stage"),
    ("roi_heads.reid_head", "search_head.search_stage"),
    ("roi_heads.faster_rcnn_predictor.cls_score", "search_head.predictor.classifier"),
    (
        "roi_heads.faster_rcnn_predictor.bbox_pred",
        "search_head.predictor.regressor.layers.0",
    ),
]
UNUSED = [
    (
        "roi_heads.box_predictor.cls_score",
        "classes of the box predictor; the public codes score people elsewhere",
    ),
]
NAE = [
    ("roi_heads.box_head", "search_head.stage"),
    ("roi_heads.feat_head", "search_head.stage"),
]


def convert_two_stage(
    checkpoint: Mapping[str, Any],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate to a :class:`~mmpsearch.models.person_search.TwoStageSearch`.

    SeqNet is told from NAE by its second conv5. The public codes do not save the write
    position of the queue; ours starts behind the rows that are filled.

    Args:
        checkpoint: state dict, or a checkpoint with it under ``model`` or
            ``state_dict``.

    Returns:
        Our state dict and the report of every key.

    Raises:
        ConversionError: it is neither.
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
    is_seqnet = any(key.startswith("roi_heads.reid_head.") for key in state)
    rules = [*PROPOSALS, *EMBEDDING, *(SEQNET if is_seqnet else NAE)]
    converted, report = rename_keys(state, [("backbone", "backbone"), *rules], UNUSED)
    needed = ["backbone.conv1.weight", "search_head.embedding.rescale.weight"]
    missing = [key for key in needed if key not in converted]
    if missing:
        raise ConversionError(
            f"not a state dict of the public SeqNet or NAE: it gives no {missing[0]}"
        )
    if "search_head.regressor.layers.weight" in converted:  # without batch norm
        raise ConversionError(
            "box_predictor has no batch norm (BN_NECK off), which is not supported"
        )
    queue = converted.get("reid_loss.circular_queue")
    if queue is not None:
        filled = (queue != 0).any(dim=1).sum()
        converted["reid_loss.queue_head"] = (filled % len(queue)).to(torch.int64)
    return converted, report

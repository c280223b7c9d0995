"""Which parts of an SPNet no loss reaches."""

from typing import TYPE_CHECKING

from mmdet.models.necks import FPN
from torch import nn

if TYPE_CHECKING:
    from .spnet import SPNet


def untrained_parts(model: "SPNet") -> list[nn.Module]:
    """Parts that exist for inference, or for the other pathway, alone.

    Distributed training waits for the gradient of every parameter that wants one;
    these never get any.

    Args:
        model: with ``train_pathway`` and ``reid_loss``.

    Returns:
        Modules, none of which any loss of this model depends on.
    """
    if not model.train_pathway.trains_detection:
        return _parts_of_detection(model)
    query_centric = model.train_pathway.query_centric
    separate = len(model.detection_embedders) > 0
    parts: list[nn.Module] = []
    if query_centric:  # offsets come from queries, not from the bridge's guess
        parts.extend(block.bridge for block in model.sp_blocks)
    first_logits = model.sp_blocks[0].logits
    anchor_loss_has_its_own = model.anchor_logits is not first_logits
    if anchor_loss_has_its_own and not model.train_pathway.classify_first_stage:
        parts.append(first_logits)
    detects_with_embedder = query_centric or model.cascade_steps > 0
    if separate and not detects_with_embedder:
        parts.append(model.detection_embedders)
    if model.reid_loss is None and (separate or not detects_with_embedder):
        parts.append(model.box_embedder)
    return parts


def _parts_of_detection(model: "SPNet") -> list[nn.Module]:
    parts = [model.anchor_embedder, model.sp_blocks, model.anchor_logits]
    parts.append(model.detection_embedders)
    if isinstance(model.neck, FPN):  # the Box Embedder reads the finest level alone
        parts.extend(model.neck.fpn_convs[1:])
    return parts

"""Checkpoints of the public SPNet implementation (LLNL/spnet)."""

from collections.abc import Mapping

import torch
from torch import Tensor

from .renaming import ConversionReport, rename_keys

LIGHTNING_PREFIX = "model."

# public prefix -> ours, below one ConvNeXt block
_CONVNEXT_BLOCK = (
    ("layer_scale", "gamma"),
    ("block.0", "depthwise_conv"),
    ("block.2", "norm"),
    ("block.3", "pointwise_conv1"),
    ("block.5", "pointwise_conv2"),
)

_IGNORED = (
    ("lwf_backbone", "frozen teacher of learning without forgetting"),
    ("head.reid_loss.test_reid_loss", "validation copy of the re-id loss"),
    ("head.reid_loss.age_cq", "ages of queue entries, for information only"),
    ("head.reid_loss.train_reid_loss.age_cq", "ages of queue entries"),
    ("backbone.classifier", "ImageNet classifier"),
    ("moco_backbone.classifier", "ImageNet classifier"),
)


def _stage_rules(source: str, target: str) -> list[tuple[str, str]]:
    """A copy of the last stage in a Box Embedder: ConvNeXt, then ResNet."""
    blocks = [
        (f"{source}.1.{{j}}.{public}", f"{target}.1.{{j}}.{ours}")
        for public, ours in _CONVNEXT_BLOCK
    ]
    return [*blocks, (source, target)]


def _encoder_rules(public: str, ours: str) -> list[tuple[str, str]]:
    """Backbone and pyramid, for the encoder or its momentum copy."""
    rules = []
    for stage in range(4):
        rules += [
            (
                f"{public}.body.{2 * stage + 1}.{{j}}.{source}",
                f"{ours}backbone.stages.{stage}.{{j}}.{target}",
            )
            for source, target in _CONVNEXT_BLOCK
        ]
        rules.append(
            (f"{public}.body.{2 * stage}", f"{ours}backbone.downsample_layers.{stage}")
        )
    return rules + [
        (f"{public}.body", f"{ours}backbone"),  # ResNet keeps its names
        (f"{public}.fpn.inner_blocks.{{i}}.0", f"{ours}neck.lateral_convs.{{i}}.conv"),
        (f"{public}.fpn.layer_blocks.{{i}}.0", f"{ours}neck.fpn_convs.{{i}}.conv"),
        (f"{public}.fpn.extra_blocks.p6", f"{ours}neck.fpn_convs.3.conv"),
        (f"{public}.fpn.extra_blocks.p7", f"{ours}neck.fpn_convs.4.conv"),
    ]


def _box_embedder_rules(public: str, ours: str) -> list[tuple[str, str]]:
    projectors = f"{public}.nae_head.projectors"
    return [
        *_stage_rules(f"{public}.emb_head.head", f"{ours}box_embedder.stage"),
        (f"{projectors}.feat_res4", f"{ours}box_embedder.projections.0"),
        (f"{projectors}.feat_res5", f"{ours}box_embedder.projections.1"),
    ]


def _rules() -> list[tuple[str, str]]:
    momentum = "momentum_encoder.module."
    rules = [
        *_encoder_rules("backbone", ""),
        *_encoder_rules("moco_backbone", momentum),
        *_box_embedder_rules("head.align_emb_head", ""),
        *_box_embedder_rules("head.moco_align_emb_head", momentum),
        ("head.feature_head.emb_pred", "anchor_embedder.conv"),
        ("head.bridge_layer.{t}", "sp_blocks.{t}.bridge"),
        ("head.regression_head.{t}.tfm", "sp_blocks.{t}.regression.hidden"),
        ("head.regression_head.{t}.head", "sp_blocks.{t}.regression.output"),
        ("head.anchor_classification_head.logits", "anchor_logits"),
        ("head.classification_head.{t}.head", "sp_blocks.{t}.logits"),
        ("head.reid_loss.lut", "reid_loss.lookup_table"),
        ("head.reid_loss.cq", "reid_loss.circular_queue"),
    ]
    for public in ("head.reid_loss", "head.reid_loss.train_reid_loss"):
        rules += [
            (f"{public}.emb_cq", "reid_loss.queue"),
            (f"{public}.label_cq", "reid_loss.queue_ids"),
        ]
    for step in (1, 2, 3):  # counted from 1 there, from 0 here
        public, ours = f"head.align_emb_loc_head.{step}", f"{step - 1}"
        rules += [
            *_stage_rules(
                f"{public}.emb_head.head", f"detection_embedders.{ours}.stage"
            ),
            (f"{public}.head", f"detection_embedders.{ours}.projection"),
        ]
    return rules


def convert_spnet(
    state: Mapping[str, Tensor],
) -> tuple[dict[str, Tensor], ConversionReport]:
    """Translate a public SPNet state dict to :class:`~mmpsearch.models.SPNet`'s.

    Args:
        state: state dict, with or without Lightning's prefix ``model.``.

    Returns:
        Our state dict and the report of every key. The public code does not save the
        write position of its queues; ours starts behind the rows that are filled.

    Raises:
        ValueError: the file is not a public SPNet, or none that is supported.
    """
    tensors = isinstance(state, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor)
        for key, value in state.items()
    )
    if not tensors:
        raise ValueError("not a state dict of the public SPNet: no dict of tensors")
    if state and all(key.startswith(LIGHTNING_PREFIX) for key in state):
        state = {key[len(LIGHTNING_PREFIX) :]: value for key, value in state.items()}
    if any(".swin." in key for key in state):
        raise ValueError(
            "SPNet with a SOLIDER Swin backbone is not supported by this converter"
        )
    converted, report = rename_keys(state, _rules(), _IGNORED)
    required = ("anchor_embedder.conv.weight", "sp_blocks.0.regression.output.weight")
    missing = [key for key in required if key not in converted]
    if missing:
        raise ValueError(f"not a state dict of the public SPNet: no {missing}")
    for key, value in converted.items():
        if key.endswith(".gamma"):  # (C, 1, 1) -> (C,)
            converted[key] = value.flatten()
    converted.update(_derived_buffers(converted))
    return converted, report


def _derived_buffers(converted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    derived = {}
    queue = converted.get("reid_loss.circular_queue", converted.get("reid_loss.queue"))
    if queue is not None:
        filled = (queue != 0).any(dim=1).sum()
        derived["reid_loss.queue_head"] = (filled % len(queue)).to(torch.int64)
    if any(key.startswith("momentum_encoder.") for key in converted):
        derived["momentum_encoder.steps"] = torch.tensor(1)  # weights are its own
    return derived

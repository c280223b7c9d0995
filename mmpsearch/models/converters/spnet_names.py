"""Names of the public SPNet implementation (LLNL/spnet) beside ours.

Pairs are (public, ours), templates of key prefixes; the first that fits counts. Read
backwards they translate ours to the public ones.
"""

from collections.abc import Iterable

Pair = tuple[str, str]

MOMENTUM = "momentum_encoder.module."
# below one ConvNeXt block
_CONVNEXT_BLOCK = (
    ("layer_scale", "gamma"),
    ("block.0", "depthwise_conv"),
    ("block.2", "norm"),
    ("block.3", "pointwise_conv1"),
    ("block.5", "pointwise_conv2"),
)
# The public Box Embedder keeps the whole Swin, of which it uses these parts.
_SEMANTIC_STAGE = (
    ("stages.2.downsample", "downsample"),
    ("semantic_embed_w.2", "scale"),
    ("semantic_embed_b.2", "shift"),
    ("stages.3", "sequence"),
    ("norm3", "norm"),
)
_SEMANTIC_UNUSED = (
    "patch_embed",
    "stages.0",
    "stages.1",
    "stages.2.blocks",
    *(f"semantic_embed_{kind}.{i}" for kind in "wb" for i in (0, 1, 3)),
    "norm1",
    "norm2",
)


def convnext_pairs(public: str, ours: str) -> list[Pair]:
    """Of torchvision's ConvNeXt below ``public`` and ours below ``ours``."""
    pairs = []
    for stage in range(4):
        blocks, stages = f"{public}.{2 * stage + 1}", f"{ours}.stages.{stage}"
        pairs += [
            (f"{blocks}.{{j}}.{theirs}", f"{stages}.{{j}}.{name}")
            for theirs, name in _CONVNEXT_BLOCK
        ]
        pairs.append((f"{public}.{2 * stage}", f"{ours}.downsample_layers.{stage}"))
    return pairs


def _convnext_stage(public: str, ours: str) -> list[Pair]:
    return [
        *(
            (f"{public}.head.1.{{j}}.{theirs}", f"{ours}.1.{{j}}.{name}")
            for theirs, name in _CONVNEXT_BLOCK
        ),
        (f"{public}.head.0", f"{ours}.0"),
    ]


def _semantic_swin_stage(public: str, ours: str) -> list[Pair]:
    return [
        (f"{public}.swin.{theirs}", f"{ours}.{name}")
        for theirs, name in _SEMANTIC_STAGE
    ]


# Learning without Forgetting: the public code's was written for ConvNeXt.
_DISTILLATION = (
    ("backbone.classifier.0", "scene_distillation.classifier.norm"),
    ("backbone.classifier.2", "scene_distillation.classifier.linear"),
    ("lwf_backbone.classifier.0", "scene_distillation.teacher.classifier.norm"),
    ("lwf_backbone.classifier.2", "scene_distillation.teacher.classifier.linear"),
    *convnext_pairs("lwf_backbone.body", "scene_distillation.teacher.backbone"),
)


# architecture -> (pairs of the backbone, pairs of its last stage in a Box Embedder)
_BODIES = {
    "convnext": (
        lambda public, ours: convnext_pairs(f"{public}.body", ours),
        _convnext_stage,
    ),
    "resnet": (
        lambda public, ours: [(f"{public}.body", ours)],
        lambda public, ours: [(f"{public}.head", ours)],
    ),
    "torchvision_swin": (
        lambda public, ours: [(f"{public}.body", f"{ours}.features")],
        lambda public, ours: [(f"{public}.head", ours)],
    ),
    "semantic_swin": (
        lambda public, ours: [(f"{public}.swin", ours)],
        _semantic_swin_stage,
    ),
}
# architecture -> a key that only it has, (public, ours)
_MARKERS = {
    "convnext": ("body.1.0.layer_scale", "stages.0.0.gamma"),
    "resnet": ("body.conv1.weight", "conv1.weight"),
    "torchvision_swin": ("body.1.0.norm1.weight", "features.1.0.norm1.weight"),
    "semantic_swin": ("swin.semantic_embed_w.0.weight", "semantic_embed_w.0.weight"),
}


def find_architecture(keys: Iterable[str], ours: bool) -> str:
    """The backbone's kind.

    Args:
        keys: of a state dict.
        ours: whether the names are ours or the public ones.

    Raises:
        ValueError: none that is known.
    """
    keys = set(keys)
    for name, markers in _MARKERS.items():
        if f"backbone.{markers[ours]}" in keys:
            return name
    origin = "SPNet here" if ours else "the public SPNet"
    raise ValueError(
        f"not a state dict of {origin}: the backbone is none of {', '.join(_MARKERS)}"
    )


def name_pairs(architecture: str, with_test_loss: bool = False) -> list[Pair]:
    """All pairs of a model.

    Args:
        architecture: see :func:`find_architecture`.
        with_test_loss: the re-id loss is two, one for training and one for testing, as
            in the public query-centric pre-training.
    """
    backbone, stage = _BODIES[architecture]

    def encoder(public: str, embedder: str, ours: str) -> list[Pair]:
        projectors = f"{embedder}.nae_head.projectors"
        fpn = f"{public}.fpn"
        return [
            (f"{fpn}.inner_blocks.{{i}}.0", f"{ours}neck.lateral_convs.{{i}}.conv"),
            (f"{fpn}.extra_blocks.p6", f"{ours}neck.fpn_convs.3.conv"),
            (f"{fpn}.extra_blocks.p7", f"{ours}neck.fpn_convs.4.conv"),
            (f"{fpn}.layer_blocks.{{i}}.0", f"{ours}neck.fpn_convs.{{i}}.conv"),
            *stage(f"{embedder}.emb_head", f"{ours}box_embedder.stage"),
            (f"{projectors}.feat_res4", f"{ours}box_embedder.projections.0"),
            (f"{projectors}.feat_res5", f"{ours}box_embedder.projections.1"),
            *backbone(public, f"{ours}backbone"),
        ]

    pairs = [
        *(_DISTILLATION if architecture == "convnext" else ()),
        *encoder("backbone", "head.align_emb_head", ""),
        *encoder("moco_backbone", "head.moco_align_emb_head", MOMENTUM),
        ("head.feature_head.emb_pred", "anchor_embedder.conv"),
        ("head.bridge_layer.{t}", "sp_blocks.{t}.bridge"),
        ("head.regression_head.{t}.tfm", "sp_blocks.{t}.regression.hidden"),
        ("head.regression_head.{t}.head", "sp_blocks.{t}.regression.output"),
        ("head.anchor_classification_head.logits", "anchor_logits"),
        ("head.classification_head.{t}.head", "sp_blocks.{t}.logits"),
        ("head.reid_loss.lut", "reid_loss.lookup_table"),
        ("head.reid_loss.cq", "reid_loss.circular_queue"),
    ]
    reid_loss = "head.reid_loss" + (".train_reid_loss" if with_test_loss else "")
    pairs += [
        (f"{reid_loss}.emb_cq", "reid_loss.queue"),
        (f"{reid_loss}.label_cq", "reid_loss.queue_ids"),
    ]
    for step in (1, 2, 3):  # counted from 1 there, from 0 here
        public, ours = f"head.align_emb_loc_head.{step}", step - 1
        pairs += [
            *stage(f"{public}.emb_head", f"detection_embedders.{ours}.stage"),
            (f"{public}.head", f"detection_embedders.{ours}.projection"),
        ]
    return pairs


def unused_names(architecture: str) -> list[tuple[str, str]]:
    """Public names that no model here has, with the reason."""
    unused = [
        ("lwf_backbone.fpn", "pyramid of a frozen teacher, which reads none"),
        ("head.reid_loss.test_reid_loss", "validation copy of the re-id loss"),
        ("head.reid_loss.age_cq", "ages of queue entries, for information only"),
        ("head.reid_loss.train_reid_loss.age_cq", "ages of queue entries"),
        ("moco_backbone.classifier", "ImageNet classifier"),
    ]
    if architecture == "semantic_swin":
        unused += _unused_swin()
    return unused


def _unused_swin() -> list[tuple[str, str]]:
    unused = []
    for encoder in ("backbone", "moco_backbone"):
        unused += [
            (f"{encoder}.swin.norm0", "norm of an output that is not read"),
            (f"{encoder}.swin.norm", "ImageNet classifier"),
            (f"{encoder}.swin.head", "ImageNet classifier"),
        ]
    embedders = ["head.align_emb_head", "head.moco_align_emb_head"]
    embedders += [f"head.align_emb_loc_head.{step}" for step in (1, 2, 3)]
    for embedder in embedders:
        unused += [
            (f"{embedder}.emb_head.swin.{name}", "unused copy in a Box Embedder")
            for name in (*_SEMANTIC_UNUSED, "norm0", "norm", "head")
        ]
    return unused

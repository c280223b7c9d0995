"""A two-stage model of some ten thousand weights."""

from typing import Any

import torch

from mmpsearch.models.person_search import DKD, TwoStageSearch
from mmpsearch.models.person_search.two_stage.frozen_teacher import FrozenTeacher
from mmpsearch.registry import MODELS
from tests.test_models.tiny_spnet import SHAPE, scene

CHANNELS = 4  # of the first ResNet stage
DIMS = 8
NORM = {"type": "mmpsearch.SafeBatchNorm2d"}
STAGE = {
    "type": "mmpsearch.RegionStage",
    "depth": 18,
    "base_channels": CHANNELS,
    "stride": 1,
    "roi_size": (6, 3),
    "map_stride": 8,
}
BACKBONE = {
    "type": "mmpsearch.StemResNet",
    "depth": 18,
    "stem_channels": CHANNELS,
    "base_channels": CHANNELS,
    "strides": (1, 2, 1),
    "norm_cfg": NORM,
}
# so few anchors that all of them are sampled: nothing is random
RPN = {
    "type": "mmpsearch.ProposalHead",
    "in_channels": 4 * CHANNELS,
    "feat_channels": 8,
    "anchor_generator": {
        "type": "mmpsearch.RoundedAnchorGenerator",
        "scales": [4.0],
        "ratios": [2.0],
        "strides": [8],
    },
    "bbox_coder": {
        "type": "mmdet.DeltaXYWHBBoxCoder",
        "target_means": [0.0] * 4,
        "target_stds": [1.0] * 4,
    },
    "loss_cls": {"type": "mmdet.CrossEntropyLoss", "use_sigmoid": True},
    "loss_bbox": {"type": "mmdet.SmoothL1Loss", "beta": 1 / 9},
    "train_cfg": {
        "assigner": {
            "type": "mmdet.MaxIoUAssigner",
            "iou_calculator": {"type": "mmdet.BboxOverlaps2D"},
            "pos_iou_thr": 0.6,
            "neg_iou_thr": 0.3,
            "min_pos_iou": 0.3,
            "ignore_iof_thr": -1,
        },
        "sampler": {
            "type": "mmdet.RandomSampler",
            "num": 64,
            "pos_fraction": 0.5,
            "neg_pos_ub": -1,
            "add_gt_as_proposals": False,
        },
        "allowed_border": -1,
        "pos_weight": -1,
        "debug": False,
    },
    "test_cfg": {
        "nms_pre": 64,
        "max_per_img": 12,
        "nms": {"type": "nms", "iou_threshold": 0.7},
        "min_bbox_size": 0,
    },
}
OIM = {
    "type": "mmpsearch.OIMLoss",
    "num_identities": 6,
    "queue_size": 5,
    "embed_dims": DIMS,
    "mean_over_labelled": True,
    "opposite_when_empty": False,
}
HEADS = {
    "OIM": {"type": "mmpsearch.OIMHead", "stage": STAGE, "embed_dims": DIMS},
    "NAE": {"type": "mmpsearch.NAEHead", "stage": STAGE, "embed_dims": DIMS},
    "NAE+": {
        "type": "mmpsearch.NAEHead",
        "stage": STAGE,
        "embed_dims": DIMS,
        "pixel_wise": True,
    },
    "SeqNet": {
        "type": "mmpsearch.SeqNetHead",
        "detection_stage": STAGE,
        "search_stage": STAGE,
        "embed_dims": DIMS,
    },
    "DKD": {
        "type": "mmpsearch.DKDHead",
        "detection_stage": STAGE,
        "search_stage": STAGE,
    },
}
# DKD's embedding is what its stage gives
EMBED_DIMS = {name: DIMS for name in HEADS} | {"DKD": 8 * CHANNELS}


def tiny_two_stage(head: str = "NAE", seed: int = 0, **changes: Any) -> TwoStageSearch:
    """Build a method; ``changes`` replace whole arguments of the model."""
    torch.manual_seed(seed)
    config = {
        "type": "mmpsearch.TwoStageSearch",
        "backbone": BACKBONE,
        "rpn_head": RPN,
        "search_head": HEADS[head],
        "reid_loss": {**OIM, "embed_dims": EMBED_DIMS[head]},
        "search": {"score_threshold": 0.05, "max_boxes": 10},
    }
    return MODELS.build({**config, **changes})


def two_stage_scene(number: int = 2):
    """The scenes of ``tiny_spnet``, with the seeds and sizes that proposals need."""
    inputs, samples = scene(number)
    for seed, sample in enumerate(samples):
        sample.set_metainfo(
            {"pad_shape": SHAPE, "batch_input_shape": SHAPE, "sample_seed": seed}
        )
    return inputs, samples


TEACHER = {
    "type": "mmpsearch.ReIDModel",
    "data_preprocessor": {
        "type": "mmengine.ImgDataPreprocessor",
        "mean": [123.0, 116.0, 103.0],
        "std": [58.0, 57.0, 57.0],
        "bgr_to_rgb": True,
    },
    "backbone": {
        "type": "mmpretrain.ResNet",
        "depth": 18,
        "stem_channels": CHANNELS,
        "base_channels": CHANNELS,
        "out_indices": (3,),
    },
    "neck": {"type": "mmpsearch.GlobalPoolNeck"},
    "heads": {"whole": {"type": "mmpsearch.EmbeddingHead", "in_channels": 32}},
    "num_identities": 6,
}
EVERY_TERM = {"probability": 1.0, "shifted": True, "pairwise": 10.0, "triplet": 1.0}


def tiny_dkd(distillation: dict | None = None, **changes: Any) -> DKD:
    """A student and, for any distillation, its random teacher."""
    loss = {"type": "mmpsearch.IdentityCrossEntropy", "num_identities": 6}
    loss["embed_dims"] = EMBED_DIMS["DKD"]
    options = {"type": "mmpsearch.DKD", "reid_loss": loss, "reid_weight": 0.1}
    options = {**options, "distillation": distillation, **changes}
    model = tiny_two_stage("DKD", **options)
    if model.distillation.any:
        torch.manual_seed(5)
        model.use_teacher(FrozenTeacher(MODELS.build(TEACHER), range(6)))
    return model


def scene_with_crops(number: int = 2):
    """Scenes whose people have crops and shifts."""
    inputs, samples = two_stage_scene(number)
    generator = torch.Generator().manual_seed(1)
    for sample in samples:
        people = sample.gt_instances
        for name in ("crops", "shifted_crops"):
            shape = (len(people), 3, 32, 16)
            crops = torch.randint(256, shape, generator=generator, dtype=torch.uint8)
            setattr(people, name, crops)
        people.shifts = torch.rand(len(people), 2, generator=generator) / 10 - 0.05
    return inputs, samples

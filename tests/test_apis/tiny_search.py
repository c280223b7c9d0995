"""Tiny person-search models with random weights, as configs and checkpoints."""

import numpy as np
import torch

from tests.test_models.tiny_spnet import SEPARATE, tiny_settings, tiny_spnet
from tests.test_models.tiny_two_stage import HEADS, STAGE, tiny_two_stage

PIPELINE = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=96, long=200),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
PREPROCESSOR = dict(
    type="mmdet.DetDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    pad_size_divisor=32,
)
CASCADE = dict(cascade_steps=2, detection_embedder=SEPARATE)
KINDS = ("SPNet", "SPNet-L", "SeqNet", "SeqNeXt")
HEADS = {
    "SeqNet": HEADS["SeqNet"],
    "SeqNeXt": dict(
        type="mmpsearch.SeqNeXtHead",
        detection_stage=STAGE,
        search_stage=STAGE,
        embed_dims=12,
    ),
}


def write_search_model(kind, folder):
    """The config of a kind, with its random weights in ``folder``."""
    if kind in HEADS:
        search = dict(score_threshold=0.05, max_boxes=10)
        head = HEADS[kind]
        model = tiny_two_stage("SeqNet", seed=1, search_head=head, reid_loss=None)
        settings = dict(two_stage_settings(kind), search=search)
        sharpen(model)
    else:
        changes = CASCADE if kind == "SPNet-L" else {}
        model = tiny_spnet(seed=1, **changes)
        settings = tiny_settings(**changes)
    settings = dict(settings, data_preprocessor=PREPROCESSOR)
    path = folder / f"{kind}.pth"
    torch.save({"state_dict": model.state_dict()}, path)
    config = dict(
        default_scope="mmpsearch",
        model=settings,
        test_dataloader=dict(dataset=dict(pipeline=PIPELINE)),
    )
    return config, path


def two_stage_settings(kind):
    from tests.test_models.tiny_two_stage import BACKBONE, RPN

    return dict(
        type="mmpsearch.TwoStageSearch",
        backbone=BACKBONE,
        rpn_head=RPN,
        search_head=HEADS[kind],
    )


def sharpen(model):
    """Scores and boxes that differ: the published start makes all nearly alike."""
    torch.manual_seed(3)
    head, rpn = model.search_head, model.rpn_head
    for layer, std in (
        (rpn.rpn_cls, 3.0),
        (rpn.rpn_reg, 0.3),
        (head.predictor.classifier, 0.5),
        (head.predictor.regressor.layers[0], 0.3),
    ):
        torch.nn.init.normal_(layer.weight, std=std)


def scene(height, width, seed=0):
    """Coarse noise, which networks see more in than in noise of pixels."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), np.uint8)
    return np.kron(blocks, np.ones((8, 8, 1), np.uint8))[:height, :width]

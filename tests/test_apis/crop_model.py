"""A tiny re-identification model and crops for it."""

import numpy as np
import torch

from mmpsearch.registry import MODELS

RED, GREEN, BLUE = (0, 0, 250), (0, 250, 0), (250, 0, 0)  # BGR


def config(backbone=None):
    return dict(
        default_scope="mmpsearch",
        model=dict(
            type="mmpsearch.ReIDModel",
            backbone=backbone
            or dict(
                type="mmpsearch.VisionTransformer",
                arch=dict(dims=24, depth=2, heads=3),
                image_size=(64, 32),
            ),
            neck=dict(type="mmpsearch.TokenNeck"),
            heads={"whole": dict(type="mmpsearch.EmbeddingHead", in_channels=24)},
            num_identities=7,
            data_preprocessor=dict(
                type="mmengine.ImgDataPreprocessor",
                mean=[123.675, 116.28, 103.53],
                std=[58.395, 57.12, 57.375],
                bgr_to_rgb=True,
            ),
        ),
        test_dataloader=dict(
            dataset=dict(
                pipeline=[
                    dict(type="mmpsearch.LoadImage"),
                    dict(type="mmcv.Resize", scale=(32, 64)),
                    dict(type="mmpsearch.PackReIDInputs"),
                ]
            )
        ),
    )


def two_stems(backbone="mmpsearch.TwoStreamResNet", **settings):
    """A config whose backbone has a stem for RGB and one for infrared pictures."""
    narrow = dict(depth=18, stem_channels=8, base_channels=4)
    found = config(dict(type=backbone, **narrow, **settings))
    found["model"]["neck"] = dict(type="mmpsearch.GlobalPoolNeck")
    found["model"]["heads"]["whole"]["in_channels"] = 32
    return found


def two_stem_weights(path):
    """Write weights whose stems differ, as they do after training."""
    torch.manual_seed(0)
    model = MODELS.build(two_stems()["model"])
    with torch.no_grad():
        model.backbone.stems["ir"].bn1.bias.normal_(std=3)
    torch.save(model.state_dict(), path)
    return model.eval()


def crop(colour, size=(64, 32), seed=0):
    """(H, W, 3) uint8 BGR: the colour with a little noise."""
    noise = np.random.default_rng(seed).integers(-5, 6, (*size, 3))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)

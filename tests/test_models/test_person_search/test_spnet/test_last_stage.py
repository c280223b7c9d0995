"""The copied last stage computes what the backbone's does."""

import mmdet.models
import mmpretrain.models
import pytest
import torch
from torch import nn

from mmpsearch.models import backbones
from mmpsearch.models.person_search.spnet.last_stage import last_stage_of

ARCH = {"depths": [1, 1, 1, 2], "channels": [4, 6, 8, 10]}
SWIN = {"embed_dims": 8, "depths": [1, 1, 1, 2], "num_heads": [1, 1, 2, 2]}
TORCHVISION_SWIN = {
    "patch_size": [4, 4],
    "embed_dim": 8,
    "depths": [1, 1, 1, 2],
    "num_heads": [1, 1, 2, 2],
    "window_size": [7, 7],
}


def semantic_swin():
    model = backbones.SemanticSwin(SWIN, 0.6, out_indices=(1, 2, 3))
    for layer in (*model.semantic_embed_w, *model.semantic_embed_b):
        nn.init.normal_(layer.weight)
    model.norm2 = nn.Identity()  # the outputs are normed, the last stage's input is not
    return model


BACKBONES = {
    "convnext": (
        lambda: backbones.ConvNeXt(arch=ARCH, layer_scale_init_value=1.0),
        (8, 10),
    ),
    "resnet18": (
        lambda: mmpretrain.models.ResNet(
            18, stem_channels=8, base_channels=8, out_indices=(1, 2, 3)
        ),
        (32, 64),
    ),
    "resnet50": (
        lambda: mmdet.models.ResNet(
            50, stem_channels=8, base_channels=8, out_indices=(1, 2, 3)
        ),
        (128, 256),
    ),
    "semantic swin": (semantic_swin, (32, 64)),
    "torchvision's swin": (
        lambda: backbones.TorchvisionSwin(TORCHVISION_SWIN),
        (32, 64),
    ),
}


@pytest.fixture(params=BACKBONES)
def backbone(request):
    torch.manual_seed(0)
    build, channels = BACKBONES[request.param]
    model = build()
    model.eval()  # MMDetection's returns None
    model.channels = channels
    return model


def test_continues_the_second_last_output(backbone):
    *_, c4, c5 = backbone(torch.randn(2, 3, 64, 96))
    stage, *channels = last_stage_of(backbone)
    torch.testing.assert_close(stage.eval()(c4), c5)
    assert tuple(channels) == (c4.shape[1], c5.shape[1]) == backbone.channels


def test_is_a_copy_until_it_is_told(backbone):
    stage = last_stage_of(backbone).copy().module.eval()
    for parameter in backbone.parameters():
        nn.init.normal_(parameter, std=0.1)
    *_, c4, c5 = backbone(torch.randn(1, 3, 64, 64))
    assert not torch.allclose(stage(c4), c5)
    stage.load_state_dict(last_stage_of(backbone).module.state_dict())
    torch.testing.assert_close(stage(c4), c5)
    theirs = {id(p) for p in backbone.parameters()}
    assert not theirs & {id(p) for p in stage.parameters()}


def test_other_backbones_are_refused():
    with pytest.raises(TypeError, match="last stage of a Sequential"):
        last_stage_of(nn.Sequential(nn.Conv2d(3, 4, 1)))

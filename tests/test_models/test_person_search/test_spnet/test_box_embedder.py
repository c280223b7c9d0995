"""Box Embedders against torchvision's parts, and on batches without boxes."""

import pytest
import torch
from mmpretrain.models import ResNet
from torch.nn import functional as F
from torchvision.ops import roi_align

from mmpsearch.models.backbones import ConvNeXt
from mmpsearch.models.person_search.spnet import BoxEmbedder, DetectionBoxEmbedder
from mmpsearch.models.person_search.spnet.structures import Features

ARCH = {"depths": [1, 1, 1, 1], "channels": [4, 6, 8, 10]}
BOXES = torch.tensor([[3.0, 4.0, 40.0, 60.0], [0.0, 0.0, 90.0, 30.0], [8, 8, 20, 50.0]])
INDEX = torch.tensor([0, 0, 1])


@pytest.fixture
def backbone():
    torch.manual_seed(0)
    return ConvNeXt(arch=ARCH, layer_scale_init_value=1.0)


@pytest.fixture
def features():
    torch.manual_seed(1)
    return Features((), (torch.randn(2, 8, 8, 12, requires_grad=True),), (64, 96))


def pooled(features):
    rois = torch.cat([INDEX[:, None].float(), BOXES], dim=1)
    return roi_align(features.pyramid[0], rois, (14, 14), 1 / 8, 2)


@pytest.mark.parametrize("pooling", ["max", "average"])
def test_box_embedder(backbone, features, pooling):
    embedder = BoxEmbedder(backbone, embed_dims=6, pooling=pooling).eval()
    regions = pooled(features)
    maps = backbone.stages[-1](backbone.downsample_layers[-1](regions))
    assert maps.shape == (3, 10, 7, 7)
    over_box = torch.amax if pooling == "max" else torch.mean
    halves = []
    for vector, projection in zip(
        (over_box(regions, (2, 3)), over_box(maps, (2, 3))),
        embedder.projections,
        strict=True,
    ):
        linear, norm = projection
        assert linear.weight.abs().max() < 0.1 and linear.bias.abs().max() == 0
        assert norm.weight is None
        halves.append(linear(vector) / (1 + norm.eps) ** 0.5)  # fresh statistics
    expected = torch.cat(halves, dim=1)
    result = embedder(features, BOXES, INDEX)
    torch.testing.assert_close(result, expected)
    embedder.train()
    result = embedder(features, BOXES, INDEX)
    torch.testing.assert_close(
        result, F.batch_norm(expected, None, None, training=True), rtol=1e-3, atol=1e-4
    )


def test_detection_embedder(backbone, features):
    embedder = DetectionBoxEmbedder(backbone, embed_dims=5)
    maps = backbone.stages[-1](backbone.downsample_layers[-1](pooled(features)))
    assert embedder.projection.bias is None
    expected = maps.amax(dim=(2, 3)) @ embedder.projection.weight.T
    torch.testing.assert_close(embedder(features, BOXES, INDEX), expected)


@pytest.mark.parametrize("kind", [BoxEmbedder, DetectionBoxEmbedder])
def test_chunks_and_order_do_not_matter(backbone, features, kind):
    embedder = kind(backbone, embed_dims=6).eval()
    whole = embedder(features, BOXES, INDEX)
    order = torch.tensor([2, 0, 1])
    torch.testing.assert_close(
        embedder(features, BOXES[order], INDEX[order]), whole[order]
    )
    for chunk_size in (1, 2):
        embedder.chunk_size = chunk_size
        torch.testing.assert_close(embedder(features, BOXES, INDEX), whole)


@pytest.mark.parametrize("kind", [BoxEmbedder, DetectionBoxEmbedder])
@pytest.mark.parametrize("boxes", [0, 1, 3])
def test_every_weight_gets_a_gradient(backbone, features, kind, boxes):
    """Also without a box: other ranks wait for it."""
    embedder = kind(backbone, embed_dims=6)
    result = embedder(features, BOXES[:boxes], INDEX[:boxes])
    assert result.shape == (boxes, 6)
    (result**2).sum().backward()
    for name, parameter in embedder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        if not boxes:
            assert parameter.grad.abs().max() == 0, name
    assert features.pyramid[0].grad.isfinite().all()
    assert next(backbone.parameters()).grad is None  # the stage is a copy


def test_no_boxes_leave_the_running_statistics_alone(backbone, features):
    embedder = BoxEmbedder(backbone, embed_dims=6).train()
    before = {key: value.clone() for key, value in embedder.state_dict().items()}
    embedder(features, BOXES[:0], INDEX[:0])
    for key, value in embedder.state_dict().items():
        assert torch.equal(value, before[key]), key


@pytest.mark.parametrize("kind", [BoxEmbedder, DetectionBoxEmbedder])
@pytest.mark.parametrize("boxes", [0, 1, 3])
def test_a_stage_with_batch_norms(features, kind, boxes):
    """Running statistics follow the boxes, and stay where there are none."""
    torch.manual_seed(0)
    backbone = ResNet(
        50,
        stem_channels=8,
        base_channels=2,
        out_indices=(1, 2, 3),
        norm_cfg={"type": "mmpsearch.SafeBatchNorm2d"},
    )
    embedder = kind(backbone, embed_dims=6).train()
    assert (embedder.in_channels, embedder.out_channels) == (32, 64)
    features.pyramid[0].data = torch.randn(2, 32, 8, 12)
    before = {key: value.clone() for key, value in embedder.state_dict().items()}
    result = embedder(features, BOXES[:boxes], INDEX[:boxes])
    assert result.shape == (boxes, 6) and result.isfinite().all()
    (result**2).sum().backward()
    for name, parameter in embedder.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name
        if not boxes:
            assert parameter.grad.abs().max() == 0, name
    moved = {
        key.split(".")[0]
        for key, value in embedder.state_dict().items()
        if not torch.equal(value, before[key])
    }
    # vectors of one box have no variance, its 49 cells have
    projections = {"projections"} if kind is BoxEmbedder and boxes > 1 else set()
    assert moved == ({"stage"} | projections if boxes else set())


def test_copy_stage_takes_the_present_weights(backbone, features):
    embedder = BoxEmbedder(backbone, embed_dims=6)
    with torch.no_grad():
        for parameter in backbone.parameters():
            parameter.add_(1.0)
    embedder.copy_stage(backbone)
    theirs = dict(backbone.stages[-1].named_parameters())
    for name, parameter in embedder.stage[1].named_parameters():
        assert torch.equal(parameter, theirs[name])


def test_embeddings_are_float32_under_autocast(backbone, features):
    embedder = BoxEmbedder(backbone, embed_dims=6)
    for training in (True, False):
        embedder.train(training)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            result = embedder(features, BOXES, INDEX)
        assert result.dtype == torch.float32


def test_sizes_that_do_not_halve_are_refused(backbone):
    with pytest.raises(ValueError, match="embed_dims must be even, got 7"):
        BoxEmbedder(backbone, embed_dims=7)

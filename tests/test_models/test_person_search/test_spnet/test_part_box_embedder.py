"""The part-based Box Embedder."""

import pytest
import torch
from torchvision.ops import roi_align

from mmpsearch.models.person_search.spnet import PartBoxEmbedder
from mmpsearch.models.person_search.spnet.structures import Features

BOXES = torch.tensor([[3.0, 4.0, 40.0, 60.0], [0.0, 0.0, 90.0, 30.0], [8, 8, 20, 50.0]])
INDEX = torch.tensor([0, 0, 1])


@pytest.fixture
def embedder():
    torch.manual_seed(0)
    return PartBoxEmbedder(2, 3, embed_dims=6, hidden_channels=5, num_parts=2)


@pytest.fixture
def features():
    torch.manual_seed(1)
    stage, level = torch.randn(2, 2, 16, 24), torch.randn(2, 3, 8, 12)
    return Features((stage.requires_grad_(),), (level.requires_grad_(),), (64, 96))


def test_reads_stride_4_and_stride_8(embedder, features):
    embedder.eval()
    rois = torch.cat([INDEX[:, None].float(), BOXES], dim=1)
    joined = torch.cat(
        [
            roi_align(features.stages[0], rois, (20, 8), 1 / 4, 2),
            roi_align(features.pyramid[0], rois, (20, 8), 1 / 8, 2),
        ],
        dim=1,
    )
    maps = embedder.convs[:-1](joined)  # 10 rows, 4 columns
    parts = torch.stack([maps[:, :, :5].amax((2, 3)), maps[:, :, 5:].amax((2, 3))], 2)
    expected = embedder.projection(parts.flatten(1)) / (1 + embedder.norm.eps) ** 0.5
    torch.testing.assert_close(embedder(features, BOXES, INDEX), expected)


def test_order_does_not_matter(embedder, features):
    whole = embedder(features, BOXES, INDEX)
    order = torch.tensor([2, 0, 1])
    shuffled = embedder(features, BOXES[order], INDEX[order])
    torch.testing.assert_close(shuffled, whole[order], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("boxes", [0, 1, 3])
def test_every_weight_gets_a_gradient(embedder, features, boxes):
    result = embedder(features, BOXES[:boxes], INDEX[:boxes])
    assert result.shape == (boxes, 6)
    (result * torch.arange(6.0)).square().sum().backward()
    for name, parameter in embedder.named_parameters():
        assert parameter.grad.isfinite().all(), name
        if not boxes:
            assert parameter.grad.abs().max() == 0, name
    for given in (features.stages[0], features.pyramid[0]):
        assert given.grad.isfinite().all()


def test_no_boxes_leave_the_running_statistics_alone(embedder, features):
    before = {key: value.clone() for key, value in embedder.state_dict().items()}
    embedder(features, BOXES[:0], INDEX[:0])
    for key, value in embedder.state_dict().items():
        assert torch.equal(value, before[key]), key


def test_embeddings_are_float32_under_autocast(embedder, features):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert embedder(features, BOXES, INDEX).dtype == torch.float32

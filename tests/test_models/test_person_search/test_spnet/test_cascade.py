"""Training regions of a cascade step."""

import pytest
import torch
from torchvision.ops import box_iou

from mmpsearch.models.person_search.spnet.cascade import next_regions
from mmpsearch.models.person_search.spnet.structures import Regions
from mmpsearch.models.person_search.structures import GroundTruth
from tests.test_models.tiny_spnet import (
    FIRST_BOX,
    OIM,
    SECOND_BOX,
    SEPARATE,
    sample,
    tiny_spnet,
)


@pytest.fixture(scope="module", params=["shared", "separate"])
def model(request):
    embedder = SEPARATE if request.param == "separate" else None
    return tiny_spnet(cascade_steps=1, detection_embedder=embedder, reid_loss=OIM)


SAMPLES = [
    sample([FIRST_BOX, SECOND_BOX], [0, 1]),
    sample([], []),
    sample([SECOND_BOX], [2]),
]


def previous(number=4):
    """Regions on the truth, beside it (IoU 0.45) and far from it, in every image."""
    boxes = torch.tensor(
        [FIRST_BOX, [0.0, 0.0, 8.0, 8.0], SECOND_BOX, [21.3, 9.0, 43.3, 55.0]]
    )
    count = 3 * number
    return Regions(
        boxes=boxes.repeat(3, 1),
        image_index=torch.arange(3).repeat_interleave(number),
        matched=torch.full((count,), -1),
        targets=torch.full((count,), -1),
        offsets=torch.zeros(count, 16),
        logits=torch.zeros(count),
        deltas=torch.full((count, 4), 0.01, requires_grad=True),
    )


def test_pool_is_predictions_then_ground_truth(model):
    features = model.extract(torch.randn(3, 3, 64, 96))
    truth = GroundTruth.from_samples(SAMPLES, torch.device("cpu"))
    found = next_regions(model, 1, features, truth, previous(), 1000, 0.5)
    assert found.image_index.tolist() == [0] * 6 + [1] * 4 + [2] * 5
    # the last ones of an image are its own boxes, matched with themselves
    assert torch.equal(found.boxes[4:6], truth.boxes[:2])
    assert torch.equal(found.boxes[-1], truth.boxes[2])
    assert found.matched[4:6].tolist() == [0, 1]
    for region, (box, image) in enumerate(
        zip(found.boxes, found.image_index.tolist(), strict=True)
    ):
        own = truth.of_image(image)
        iou = box_iou(box[None], truth.boxes[own])[0]
        best = iou.max() if len(own) else 0.0
        expected = int(own[iou.argmax()]) if best >= 0.5 else -1
        assert found.matched[region] == expected  # no ignored regions
        if expected >= 0:
            assert found.targets[region] == expected
    background = found.matched == -1
    # background is compared with the image's first box
    firsts = torch.tensor([0, -1, 2])[found.image_index]
    assert torch.equal(found.targets[background], firsts[background])


def test_gradient_reaches_the_block_but_not_the_boxes(model):
    features = model.extract(torch.randn(3, 3, 64, 96))
    truth = GroundTruth.from_samples(SAMPLES, torch.device("cpu"))
    before = previous()
    found = next_regions(model, 1, features, truth, before, 1000, 0.5)
    assert not found.boxes.requires_grad
    (found.logits.sum() + found.deltas.sum()).backward()
    assert before.deltas.grad is None
    assert model.sp_blocks[1].bridge.linear.weight.grad is not None
    assert model.neck.lateral_convs[0].conv.weight.grad.abs().max() > 0


def test_sample_is_limited_per_image(model):
    torch.manual_seed(0)
    features = model.extract(torch.randn(3, 3, 64, 96))
    truth = GroundTruth.from_samples(SAMPLES, torch.device("cpu"))
    found = next_regions(model, 1, features, truth, previous(), 4, 0.25)
    assert found.image_index.bincount().tolist() == [3, 4, 4]
    matched = found.image_index[found.matched >= 0]
    assert matched.bincount(minlength=3).tolist() == [1, 0, 1]


def test_no_boxes_anywhere(model):
    features = model.extract(torch.randn(2, 3, 64, 96))
    truth = GroundTruth.from_samples(SAMPLES[1:2] * 2, torch.device("cpu"))
    nothing = Regions(*(value[:0] for value in previous()))
    found = next_regions(model, 1, features, truth, nothing, 16, 0.5)
    assert found.boxes.shape == (0, 4)
    assert found.logits.shape == (0,) and found.deltas.shape == (0, 4)

"""What every region head promises."""

import pytest
import torch
import torch.nn.functional as F

from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.structures import GroundTruth
from mmpsearch.models.person_search.two_stage.regions import SelectSettings
from mmpsearch.registry import MODELS
from tests.test_models.tiny_two_stage import CHANNELS, HEADS, two_stage_scene

SIZES = torch.tensor([[64, 96]] * 2)


@pytest.fixture(params=HEADS)
def head(request):
    torch.manual_seed(0)
    return MODELS.build(HEADS[request.param])


def inputs(number=8):
    torch.manual_seed(1)
    feature_map = torch.randn(2, 4 * CHANNELS, 8, 12)
    corners = torch.rand(number, 2) * 30
    boxes = torch.cat([corners, corners + 10 + 20 * torch.rand(number, 2)], dim=1)
    index = torch.arange(number) * 2 // max(number, 1)
    _, samples = two_stage_scene(2)
    return feature_map, BoxBatch(boxes, index), samples


def test_losses_reach_every_parameter(head):
    feature_map, proposals, samples = inputs()
    truth = GroundTruth.from_samples(samples, torch.device("cpu"))
    found = head.train().loss(feature_map.requires_grad_(), proposals, truth)
    assert found.embeddings.shape == (len(found.person_ids), head.embed_dims)
    assert set(found.person_ids.tolist()) == {0, -1, 3}  # labelled or not
    weights = torch.randn_like(found.embeddings)
    (sum(found.losses.values()) + (weights * found.embeddings).sum()).backward()
    trained = [p.grad for p in head.parameters() if p.requires_grad]
    assert all(g is not None and g.isfinite().all() for g in trained)
    assert all(value > 0 for value in found.losses.values())


def test_a_batch_without_people_or_proposals(head):
    feature_map, proposals, samples = inputs(0)
    for sample in samples:
        sample.gt_instances = sample.gt_instances[:0]
    truth = GroundTruth.from_samples(samples, torch.device("cpu"))
    found = head.train().loss(feature_map, proposals, truth)
    total = sum(found.losses.values()) + found.embeddings.sum()
    total.backward()
    assert total == 0 and found.embeddings.shape == (0, head.embed_dims)
    boxes = head.eval().detect(feature_map, proposals, SIZES, SelectSettings())
    assert boxes.embeddings.shape == (0, head.embed_dims)


def test_images_do_not_mix(head):
    feature_map, proposals, _ = inputs()
    settings = SelectSettings(0.05, 0.4, 10)
    head.eval()
    both = head.detect(feature_map, proposals, SIZES, settings)
    own = proposals.image_index == 1
    alone = head.detect(
        feature_map[1:],
        BoxBatch(proposals.boxes[own], proposals.image_index[own] - 1),
        SIZES[:1],
        settings,
    )
    assert len(alone.boxes) > 0
    for name in ("boxes", "scores", "embeddings"):
        expected = getattr(both, name)[both.image_index == 1]
        torch.testing.assert_close(getattr(alone, name), expected, rtol=1e-4, atol=1e-5)
    assert (alone.scores[1:] <= alone.scores[:-1]).all()


def test_given_boxes_are_embedded_like_found_ones(head):
    """Proposals are what OIM and NAE embed."""
    feature_map, proposals, _ = inputs()
    head.eval()
    embeddings = head.embed(feature_map, proposals)
    assert embeddings.shape == (8, head.embed_dims)
    if type(head).__name__ in ("OIMHead", "NAEHead"):
        found = head.detect(feature_map, proposals, SIZES, SelectSettings(0.05))
        distances = torch.cdist(found.embeddings, embeddings).min(dim=1).values
        assert distances.max() < 1e-4


def test_a_norm_takes_the_common_part_out_of_oim_embeddings():
    settings = HEADS["OIM"]
    feature_map, proposals, _ = inputs()
    similarities = {}
    for norm in (False, True):
        torch.manual_seed(0)
        head = MODELS.build({**settings, "norm": norm}).train()
        head.projection.bias.data.fill_(1.0)  # what all people share
        embeddings = F.normalize(head.embed(feature_map, proposals), dim=1)
        others = ~torch.eye(len(embeddings), dtype=torch.bool)
        similarities[norm] = (embeddings @ embeddings.T)[others].mean()
    assert similarities[False] > 0.5 and similarities[True] < 0.1

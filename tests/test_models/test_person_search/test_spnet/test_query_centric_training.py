"""Query-centric training: pairs, labels and limits."""

import pytest
import torch
from torchvision.ops import box_iou

from mmpsearch.models.person_search.spnet.query_centric_training import (
    QueryCentricTraining,
    pair_norms,
)
from mmpsearch.models.person_search.structures import GroundTruth
from tests.test_models.tiny_spnet import (
    DIMS,
    FIRST_BOX,
    MOMENTUM_CONTRAST,
    QUERY_CENTRIC,
    SECOND_BOX,
    SEPARATE,
    THIRD_BOX,
    sample,
    scene,
    tiny_spnet,
)

# person 0 in two views; 1 and 2 in one; 3 boxed twice in one image, once in another
VIEWS = [
    sample([FIRST_BOX, SECOND_BOX], [0, 1]),
    sample([THIRD_BOX, SECOND_BOX], [0, 3]),
    sample([FIRST_BOX, SECOND_BOX, THIRD_BOX], [3, 3, 2]),
]


def truth_of(samples):
    return GroundTruth.from_samples(samples, torch.device("cpu"))


def losses_of(model, inputs, samples):
    truth = truth_of(samples)
    features = model.extract(inputs)
    queries = model.box_embedder(features, truth.boxes, truth.image_index)
    return model.train_pathway.losses(model, features, truth, queries)


def test_pairs_of_a_small_batch():
    torch.manual_seed(0)
    truth = truth_of(VIEWS)
    # boxes: 0 1 | 2 3 | (4 5: boxed twice, left out) 6
    pairs, targets = QueryCentricTraining(num_pairs=100)._pairs(truth)
    found = {tuple(p): t for p, t in zip(pairs.tolist(), targets.tolist(), strict=True)}
    assert len(found) == 3 * 5
    present = {
        (0, 0): 0,
        (1, 0): 2,
        (0, 2): 0,
        (1, 2): 2,
        (0, 1): 1,
        (1, 3): 3,
        (2, 6): 6,
    }
    for pair, target in found.items():
        assert target == present.get(pair, -1), pair
    # other views first, then the own image
    pairs, _ = QueryCentricTraining(num_pairs=2)._pairs(truth)
    assert pairs.tolist() == [[0, 2], [1, 0]]
    pairs, targets = QueryCentricTraining(num_pairs=7)._pairs(truth)
    assert {tuple(p) for p in pairs.tolist()} == set(present)
    assert (targets >= 0).all()


def test_pair_norms_are_norms_of_differences():
    queries = torch.randn(5, DIMS, requires_grad=True)
    embeddings = torch.randn(3, 30, DIMS, requires_grad=True)
    image = torch.tensor([0, 0, 2, 2, 2])
    norms = pair_norms(queries, embeddings, image)
    expected = (queries[:, None] - embeddings[image]).norm(dim=-1)
    torch.testing.assert_close(norms, expected)
    weights = torch.randn(5, 30)
    for ours, theirs in zip(
        torch.autograd.grad((norms * weights).sum(), (queries, embeddings)),
        torch.autograd.grad((expected * weights).sum(), (queries, embeddings)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = pair_norms(queries, embeddings, image)
    assert torch.equal(mixed, norms)
    assert pair_norms(queries[:0], embeddings, image[:0]).shape == (0, 30)


def test_a_query_on_its_own_anchor_has_a_finite_gradient():
    embeddings = torch.randn(1, 4, DIMS, requires_grad=True)
    queries = embeddings[0, :1].detach().requires_grad_()
    norms = pair_norms(queries, embeddings, torch.tensor([0]))
    assert norms[0, 0] == 0
    norms.sum().backward()
    assert queries.grad.isfinite().all() and embeddings.grad.isfinite().all()


@pytest.mark.parametrize("embedder", [None, SEPARATE])
def test_losses_are_finite_and_reach_the_queries(embedder):
    torch.manual_seed(0)
    model = tiny_spnet(
        train_pathway=QUERY_CENTRIC,
        reid_loss=MOMENTUM_CONTRAST,
        detection_embedder=embedder,
    )
    losses, boxes, image_index, person = losses_of(
        model, torch.randn(3, 3, 64, 96), VIEWS
    )
    assert set(losses) == {"loss_anchor", "loss_box_1"}
    truth = truth_of(VIEWS)
    assert torch.equal(truth.image_index[person], image_index)
    iou = box_iou(boxes, truth.boxes).gather(1, person[:, None])
    assert (iou >= 0.7).all()
    sum(losses.values()).backward()
    trained = model.detection_embedders[0] if embedder else model.box_embedder
    for parameter in trained.parameters():
        assert parameter.grad.abs().max() > 0


def test_anchors_of_a_pair():
    """Half overlap the person, half are near the query; absent: all are near."""
    pathway = QueryCentricTraining(anchors_per_pair=4)
    norms = torch.tensor([[5.0, 4, 3, 2, 1, 0, 9, 8], [0.0, 1, 2, 3, 4, 5, 6, 7]])
    giou = torch.tensor([[0.1, 0.9, 0.2, 0.8, 0.0, -0.5, -0.5, -0.5]])
    model = tiny_spnet(train_pathway=QUERY_CENTRIC, reid_loss=MOMENTUM_CONTRAST)
    pairs = torch.tensor([0]), torch.tensor([1])  # with the person, and without
    chosen = pathway._select(model, norms, giou, *pairs)
    # the four nearest are 5 4 3 2, of which 3 overlaps and is taken already
    assert chosen.tolist() == [[1, 3, 2, 4], [0, 1, 2, 3]]
    model.sp_blocks[0].positive_logits = True  # a long offset means a match
    chosen = pathway._select(model, norms, giou, *pairs)
    assert chosen.tolist() == [[1, 3, 0, 6], [7, 6, 5, 4]]
    few = QueryCentricTraining(anchors_per_pair=64)._select(model, norms, giou, *pairs)
    assert few.shape == (2, 8)


def test_reid_boxes_are_limited_per_pair():
    torch.manual_seed(0)
    pathway = QueryCentricTraining(anchors_per_pair=8)
    good = torch.tensor([0, 1, 2, 3, 9, 24, 25, 26])
    limited = pathway._limit_per_pair(good, num_pairs=4, size=8)
    assert (limited // 8).bincount(minlength=4).tolist() == [2, 1, 0, 2]
    assert torch.isin(limited, good).all()
    assert torch.equal(limited, limited.unique())
    assert pathway._limit_per_pair(good[:0], 0, 8).shape == (0,)


def test_first_stage_is_classified_on_request():
    torch.manual_seed(0)
    inputs, samples = scene()
    for classify in (False, True):
        model = tiny_spnet(
            train_pathway={**QUERY_CENTRIC, "classify_first_stage": classify}
        )
        losses, *_ = losses_of(model, inputs, samples)
        assert ("loss_class_1" in losses) == classify


def test_cascades_are_refused():
    model = tiny_spnet(train_pathway=QUERY_CENTRIC, cascade_steps=1)
    with pytest.raises(ValueError, match="cascade_steps=0"):
        losses_of(model, *scene())

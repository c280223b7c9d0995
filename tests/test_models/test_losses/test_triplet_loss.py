import math

import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.losses.pairs import gather_pairs
from mmpsearch.models.losses.triplet_loss import (
    TripletLoss,
    hard_examples,
    triplet_losses,
    weighted_examples,
)
from tests.distributed import run_two_ranks
from tests.test_models.reid_golden import golden_arrays

SOFT = dict(margin=None)
WEIGHTED = dict(mining="weighted", floor=1e-6)  # as the public code
GOLDEN = {
    "fastreid_triplet/margin0.3_hard1_norm0": dict(),
    "fastreid_triplet/margin0.3_hard1_norm1": dict(distance="squared_cosine"),
    "fastreid_triplet/margin0.3_hard0_norm0": WEIGHTED,
    "fastreid_triplet/margin0.3_hard0_norm1": dict(WEIGHTED, distance="squared_cosine"),
    "fastreid_triplet/margin0.0_hard1_norm0": SOFT,
    "fastreid_triplet/margin0.0_hard1_norm1": dict(SOFT, distance="squared_cosine"),
    "fastreid_triplet/margin0.0_hard0_norm0": dict(SOFT, **WEIGHTED),
    "fastreid_triplet/margin0.0_hard0_norm1": dict(
        SOFT, **WEIGHTED, distance="squared_cosine"
    ),
    "fastreid_triplet/unbalanced_margin0.3_hard1_norm0": dict(),
    "fastreid_triplet/unbalanced_margin0.0_hard1_norm0": SOFT,
    "transreid_triplet/margin0.3": dict(),
    "transreid_triplet/soft": SOFT,
    "transreid_triplet/soft_normalized": dict(SOFT, distance="normalised"),
    "torchreid_triplet/margin0.3": dict(),
    "torchreid_triplet/unbalanced_margin0.3": dict(),
}
AGW = dict(SOFT, **WEIGHTED)
CROSS_MODALITY = {
    "hard_m0.3": dict(),
    "wrt": AGW,
    "wrt_norm": dict(AGW, distance="normalised"),
    "adp_a1_g1_sq0": AGW,
    "adp_a1_g1_sq1": dict(AGW, squared=True),
}


def check(loss, embeddings, ids, value, gradient):
    embeddings = embeddings.clone().requires_grad_()
    got = loss(embeddings, ids)
    got.backward()
    assert_close(got.item(), float(value), atol=1e-5, rtol=1e-5)
    assert_close(embeddings.grad, gradient, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", GOLDEN)
def test_public_reid_losses(name):
    data = golden_arrays("reid_losses")
    suffix = "_unbalanced" if "unbalanced" in name else ""
    check(
        TripletLoss(**GOLDEN[name]),
        data["feat" + suffix],
        data["label" + suffix],
        data[f"{name}/loss"],
        data[f"{name}/grad"],
    )


def test_public_hard_examples():
    data = golden_arrays("reid_losses")
    distances = torch.cdist(data["feat"].double(), data["feat"].double()).float()
    same = data["label"][:, None] == data["label"][None]
    positive, negative = hard_examples(distances, same)
    assert_close(positive, data["hard_dist_ap"], atol=1e-5, rtol=1e-5)
    assert_close(negative, data["hard_dist_an"], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("case", "abc")
@pytest.mark.parametrize("name", CROSS_MODALITY)
def test_public_cross_modality_losses(case, name):
    data = golden_arrays("triplet_losses")
    x, y = data[f"{case}__x"], data[f"{case}__y"]
    loss = TripletLoss(**CROSS_MODALITY[name])
    golden = f"{case}_{name}__"
    check(loss, x, y, data[golden + "loss"], data[golden + "grad"])
    positive, negative = loss.examples(gather_pairs(x, y))
    assert int((negative >= positive).sum()) == data[golden + "correct"]


def far_apart(ids, near, far):
    """Points whose distances are ``near`` within an identity, ``far`` between."""
    classes = torch.nn.functional.one_hot(ids).double() * (far**2 - near**2) ** 0.5
    return (torch.cat((classes, near * torch.eye(len(ids))), dim=1) / 2**0.5).float()


@pytest.mark.parametrize("squared", [False, True])
def test_weighted_triplets_of_far_embeddings(squared):
    """At distances of 100, as of an untrained network's embeddings."""
    ids = torch.arange(4).repeat_interleave(4)
    x = far_apart(ids, near=99.5, far=100.0).requires_grad_()
    loss = TripletLoss(margin=None, mining="weighted", squared=squared)
    value = loss(x, ids)
    value.backward()
    # among the positives the anchor itself, at distance 0, weighs nothing
    step = -0.25 if squared else -0.5
    assert_close(value.item(), math.log(1 + math.exp(step)), atol=1e-3, rtol=0)
    assert x.grad.isfinite().all() and x.grad.norm(dim=1).min() > 1e-4
    degenerate = TripletLoss(squared=squared, **AGW)(x, ids)
    assert degenerate > 80  # the public weights lose the negatives: 99.5 - 0


def test_weighted_triplets_stay_finite_at_any_distance():
    torch.manual_seed(0)
    ids = torch.arange(8).repeat_interleave(4)
    for distance in (1e-3, 1.0, 100.0, 1e4, 1e7):
        x = (torch.randn(32, 64) * distance / 128**0.5).requires_grad_()
        for squared in (False, True):
            loss = TripletLoss(margin=None, mining="weighted", squared=squared)
            value = loss(x, ids)
            (gradient,) = torch.autograd.grad(value, x)
            assert value.isfinite() and gradient.isfinite().all(), distance


def test_weighted_examples_by_hand():
    distances = torch.tensor([[0.0, 1.0, 2.0, 4.0]])
    same = torch.tensor([[True, True, False, False]])
    positive, negative = weighted_examples(distances, same, floor=0)
    assert_close(positive, torch.tensor([math.e / (1 + math.e)]))
    near, far = math.exp(-2), math.exp(-4)
    assert_close(negative, torch.tensor([(2 * near + 4 * far) / (near + far)]))


def test_floor_of_the_weights():
    far = torch.tensor([[0.0, 20.0]])
    same = torch.tensor([[True, False]])
    share = math.exp(-20) / (math.exp(-20) + 1e-6)
    got = weighted_examples(far, same, floor=1e-6)[1]
    assert_close(got, torch.tensor([20 * share]))
    assert_close(weighted_examples(far, same)[1], torch.tensor([20.0]))


def test_margins_by_hand():
    positive, negative = torch.tensor([1.0, 1.0]), torch.tensor([1.2, torch.inf])
    hinge = triplet_losses(positive, negative, margin=0.3)
    assert_close(hinge, torch.tensor([0.1, 0.0]))
    soft = triplet_losses(positive, negative)
    assert_close(soft, torch.tensor([math.log(1 + math.exp(-0.2)), 0.0]))
    squared = triplet_losses(positive, negative, squared=True)
    assert_close(squared[0], torch.tensor(math.log(1 + math.exp(-0.04))))


@pytest.mark.parametrize("mining", ["hard", "weighted"])
def test_degenerate_batches_give_finite_gradients(mining):
    loss = TripletLoss(margin=None, mining=mining)
    x = torch.randn(4, 3)
    cases = {
        "same image twice": (x[[0, 0, 1, 1]], [0, 0, 1, 1]),
        "one identity": (x, [5, 5, 5, 5]),
        "nobody labelled": (x, [-1, -1, -1, -1]),
        "nothing": (x[:0], []),
    }
    for name, (embeddings, ids) in cases.items():
        embeddings = embeddings.clone().requires_grad_()
        value = loss(embeddings, torch.tensor(ids, dtype=torch.int64))
        value.backward()
        assert embeddings.grad.isfinite().all(), name
        assert name == "same image twice" or value == 0, name


def test_unlabelled_samples_are_left_out():
    data = golden_arrays("reid_losses")
    x, y = data["feat"], data["label"]
    more = torch.cat((x, torch.randn(3, x.shape[1])))
    ids = torch.cat((y, torch.tensor([-1, -1, -1])))
    assert_close(TripletLoss()(more, ids), TripletLoss()(x, y))


@pytest.mark.parametrize(
    "wrong", [dict(mining="easy"), dict(distance="cos"), dict(margin=0.3, squared=True)]
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must|need"):
        TripletLoss(**wrong)


def on_rank(rank, bounds, settings):
    data = golden_arrays("reid_losses")
    own = slice(bounds[rank], bounds[rank + 1])
    x = data["feat"][own].clone().requires_grad_()
    loss = TripletLoss(**settings)(x, data["label"][own])
    loss.backward()
    return loss.detach(), x.grad


@pytest.mark.parametrize(
    "bounds, settings", [((0, 10, 32), AGW), ((0, 32, 32), dict(margin=0.3))]
)
def test_two_ranks_equal_one_process(bounds, settings):
    data = golden_arrays("reid_losses")
    x = data["feat"].clone().requires_grad_()
    whole = TripletLoss(**settings)(x, data["label"])
    whole.backward()
    ranks = run_two_ranks(on_rank, bounds, settings)
    assert_close(sum(loss for loss, _ in ranks) / 2, whole.detach())
    assert_close(torch.cat([gradient for _, gradient in ranks]) / 2, x.grad)

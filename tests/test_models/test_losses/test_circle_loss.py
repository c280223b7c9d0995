import math

import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.losses.circle_loss import CircleLoss, circle_losses
from tests.distributed import run_two_ranks
from tests.test_models.reid_golden import golden_arrays


@pytest.mark.parametrize("form", ["circle", "cosface"])
def test_public_numbers(form):
    data = golden_arrays("reid_losses")
    x = data["feat"].clone().requires_grad_()
    loss = CircleLoss(margin=0.25, scale=128, form=form)(x, data["label"])
    loss.backward()
    name = f"fastreid_pairwise_{form}/m0.25_g128"
    assert_close(loss.item(), float(data[f"{name}/loss"]), atol=1e-4, rtol=1e-5)
    assert_close(x.grad, data[f"{name}/grad"], atol=1e-4, rtol=1e-3)


def test_circle_by_hand():
    cosines = torch.tensor([[0.8, 0.1]])
    positive = torch.tensor([[True, False]])
    (got,) = circle_losses(cosines, positive, ~positive, margin=0.25, scale=2)
    pull = -2 * (1.25 - 0.8) * (0.8 - 0.75)
    push = 2 * (0.1 + 0.25) * (0.1 - 0.25)
    assert_close(got, torch.tensor(math.log(1 + math.exp(pull + push))))


def test_anchors_without_positive_or_negative_give_zero():
    for x, ids in (
        (torch.randn(3, 4), [0, 1, 2]),
        (torch.randn(3, 4), [1, 1, 1]),
        (torch.randn(2, 4), [-1, -1]),
        (torch.randn(0, 4), []),
    ):
        x.requires_grad_()
        loss = CircleLoss()(x, torch.tensor(ids, dtype=torch.int64))
        loss.backward()
        assert loss == 0 and x.grad.isfinite().all()


def test_unknown_form_is_refused():
    same = torch.ones(1, 1, dtype=torch.bool)
    with pytest.raises(ValueError, match="form must be"):
        circle_losses(torch.ones(1, 1), same, same, form="square")


def on_rank(rank):
    data = golden_arrays("reid_losses")
    own = slice(0, 7) if rank == 0 else slice(7, None)
    x = data["feat"][own].clone().requires_grad_()
    loss = CircleLoss()(x, data["label"][own])
    loss.backward()
    return loss.detach(), x.grad


def test_two_ranks_equal_one_process():
    data = golden_arrays("reid_losses")
    x = data["feat"].clone().requires_grad_()
    whole = CircleLoss()(x, data["label"])
    whole.backward()
    ranks = run_two_ranks(on_rank)
    assert_close(sum(loss for loss, _ in ranks) / 2, whole.detach())
    gradient = torch.cat([gradient for _, gradient in ranks]) / 2
    assert_close(gradient, x.grad, atol=1e-5, rtol=1e-4)

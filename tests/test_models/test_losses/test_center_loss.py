import torch
from torch.testing import assert_close

from mmpsearch.models.losses.center_loss import (
    CenterLoss,
    center_losses,
    moved_centers,
)
from tests.distributed import run_two_ranks


def test_loss_by_hand():
    centers = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    x, ids = torch.tensor([[3.0, 4.0], [1.0, 2.0]]), torch.tensor([0, 1])
    assert_close(center_losses(x, ids, centers), torch.tensor([25.0, 1.0]))


def test_move_is_gradient_descent_of_the_mean():
    x, ids = torch.randn(5, 3), torch.tensor([0, 2, 2, 0, 2])
    centers = torch.randn(4, 3, requires_grad=True)
    center_losses(x, ids, centers).mean().backward()
    want = centers.detach() - 0.5 * centers.grad
    assert_close(moved_centers(x, ids, centers.detach(), 0.5), want)


def test_centers_move_in_training_only():
    loss = CenterLoss(3, 2, loss_weight=1.0)
    before = loss.centers.clone()
    x, ids = torch.randn(4, 2, requires_grad=True), torch.tensor([0, 0, 1, -1])
    loss.eval()(x, ids)
    assert_close(loss.centers, before)
    value = loss.train()(x, ids)
    value.backward()
    assert_close(value, center_losses(x[:3], ids[:3], before).mean())
    assert_close(x.grad[:2], 2 * (x.detach()[:2] - before[0]) / 3)
    assert_close(loss.centers, moved_centers(x.detach()[:3], ids[:3], before))
    assert_close(loss.centers[2], before[2])


def test_nobody_labelled_gives_zero_and_moves_nothing():
    loss = CenterLoss(3, 2)
    before = loss.centers.clone()
    assert loss(torch.randn(2, 2), torch.tensor([-1, -1])) == 0
    assert_close(loss.centers, before)


def run(x, ids):
    torch.manual_seed(1)
    loss = CenterLoss(4, 3, loss_weight=1.0)
    return loss(x, ids), loss.centers


def on_rank(rank, x, ids):
    return run(x[rank::2], ids[rank::2])


def test_two_ranks_equal_one_process():
    x, ids = torch.randn(7, 3), torch.tensor([0, 1, 2, 3, 0, 0, 1])
    value, centers = run(x, ids)
    (first, centers_0), (second, centers_1) = run_two_ranks(on_rank, x, ids)
    assert_close((first + second) / 2, value)
    assert_close(centers_0, centers)
    assert_close(centers_1, centers_0, atol=0, rtol=0)

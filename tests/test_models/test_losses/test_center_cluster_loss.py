import torch
from torch.testing import assert_close

from mmpsearch.models.losses.center_cluster_loss import (
    CenterClusterLoss,
    center_cluster_terms,
    identity_centers,
)
from tests.distributed import run_two_ranks


def test_centers():
    x = torch.tensor([[0.0, 0.0], [4.0, 2.0], [2.0, 4.0]])
    centers, index, ids = identity_centers(x, torch.tensor([7, 3, 7]))
    assert_close(ids, torch.tensor([3, 7]))
    assert_close(index, torch.tensor([1, 0, 1]))
    assert_close(centers, torch.tensor([[4.0, 2.0], [1.0, 2.0]]))


def test_terms_by_hand():
    # centres (0, 0) and (0.3, 0.4), half a unit apart
    x = torch.tensor([[-1.0, 0.0], [1.0, 0.0], [0.3, 0.4]])
    pull, push = center_cluster_terms(x, torch.tensor([0, 0, 1]), margin=0.7)
    assert_close(pull, torch.tensor(2 / 3), atol=1e-5, rtol=0)
    assert_close(push, torch.tensor(0.2))
    assert center_cluster_terms(x, torch.tensor([0, 0, 1]), margin=0.4)[1] == 0


def slow(x, ids, margin):
    """As the published code: a centre per sample, anchors each ``k``-th row."""
    centers = torch.stack([x[ids == i].mean(dim=0) for i in ids])
    pull = (x - centers).norm(dim=1).mean()
    pushes = [
        (margin - (centers[ids != ids[i]] - centers[i]).norm(dim=1)).clamp(min=0).mean()
        for i in range(0, len(x), 4)
    ]
    return pull + torch.stack(pushes).mean()


def test_equals_the_published_loop_for_equal_counts():
    x, ids = torch.randn(12, 3) * 0.3, torch.arange(3).repeat_interleave(4)
    value = CenterClusterLoss(margin=0.7)(x, ids)
    assert_close(value, slow(x, ids, 0.7), atol=1e-5, rtol=1e-5)


def test_alone_or_unlabelled_gives_a_finite_gradient():
    x = torch.randn(3, 2, requires_grad=True)
    value = CenterClusterLoss()(x, torch.tensor([-1, 0, -1]))
    value.backward()
    assert_close(value, torch.tensor(0.0), atol=2e-6, rtol=0)
    assert x.grad.isfinite().all()
    assert CenterClusterLoss()(x, torch.tensor([-1, -1, -1])) == 0


def value_and_gradient(x, ids):
    x = x.clone().requires_grad_()
    value = CenterClusterLoss()(x, ids)
    value.backward()
    return value.detach(), x.grad


def on_rank(rank, x, ids):
    return value_and_gradient(x[rank::2], ids[rank::2])


def test_two_ranks_equal_one_process():
    x, ids = torch.randn(6, 3) * 0.3, torch.tensor([0, 0, 1, 1, 2, 0])
    value, gradient = value_and_gradient(x, ids)
    for rank, (own, own_gradient) in enumerate(run_two_ranks(on_rank, x, ids)):
        assert_close(own, value)
        assert_close(own_gradient / 2, gradient[rank::2])

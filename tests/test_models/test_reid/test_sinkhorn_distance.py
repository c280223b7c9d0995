import itertools

import torch
from torch.testing import assert_close

from mmpsearch.models.reid.sinkhorn_distance import ASK_EVERY, sinkhorn_distance

EXACT = dict(epsilon=1e-3, max_iterations=2000, tolerance=1e-9)


def test_small_epsilon_gives_the_exact_assignment():
    x, y = torch.rand(4, 3).double(), torch.rand(4, 3).double()
    cost = (x[:, None] - y[None]).square().sum(2)
    best = min(
        cost[torch.arange(4), list(order)].mean()
        for order in itertools.permutations(range(4))
    )
    assert_close(sinkhorn_distance(x, y, **EXACT), best, atol=2e-3, rtol=0)


def test_a_set_is_near_itself_in_any_order():
    x = torch.rand(5, 3)
    assert sinkhorn_distance(x, x.flip(0), **EXACT) < 1e-3
    moved = sinkhorn_distance(x, x + torch.tensor([2.0, 0, 0]), **EXACT)
    assert_close(moved, torch.tensor(4.0), atol=2e-2, rtol=0)


def test_large_epsilon_mixes_all_pairs():
    x, y = torch.rand(3, 2), torch.rand(6, 2)
    cost = (x[:, None] - y[None]).square().sum(2)
    got = sinkhorn_distance(x, y, epsilon=1e4, tolerance=1e-6)
    assert_close(got, cost.mean(), atol=1e-4, rtol=1e-4)


def test_gradient_is_finite_and_nothing_gives_zero():
    x = torch.randn(4, 6, requires_grad=True)
    value = sinkhorn_distance(x.softmax(1), torch.randn(4, 6).softmax(1))
    value.backward()
    assert x.grad.isfinite().all() and x.grad.any()
    assert sinkhorn_distance(x[:0], x) == 0


def test_asking_now_and_then_ends_where_asking_always_does():
    torch.manual_seed(0)
    x = torch.randn(8, 5).softmax(1).requires_grad_()
    y = torch.randn(6, 5).softmax(1)
    results = []
    for ask_every in (1, ASK_EVERY):
        value = sinkhorn_distance(x, y, ask_every=ask_every)
        results.append((value, *torch.autograd.grad(value, x)))
    for one, other in zip(*results, strict=True):
        assert torch.equal(one, other)
    more = sinkhorn_distance(x, y, tolerance=0.0, max_iterations=ASK_EVERY)
    assert more != results[0][0]  # it had ended before

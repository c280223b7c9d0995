import torch
from torch.testing import assert_close

from mmpsearch.models.reid import IdentityGraph
from tests.distributed import run_two_ranks


def test_people_do_not_hear_each_other():
    graph = IdentityGraph(8, 3, num_heads=2).eval()
    nodes, ids = torch.randn(4, 8), torch.tensor([0, 1, 0, 2])
    changed = nodes.clone()
    changed[1] += 1
    before, after = graph.logits(nodes, ids), graph.logits(changed, ids)
    assert_close(before[[0, 2, 3]], after[[0, 2, 3]])
    assert not torch.allclose(before[1], after[1])


def test_nobody_labelled_gives_zero_to_all_parameters():
    graph = IdentityGraph(8, 3, num_heads=2)
    value = graph(torch.randn(2, 8), torch.tensor([-1, -1]))
    value.backward()
    assert value == 0
    assert all((p.grad == 0).all() for p in graph.parameters())


def value_and_gradient(pooled, ids):
    torch.manual_seed(0)
    graph = IdentityGraph(8, 3, num_heads=2, dropout=0.0)
    pooled = pooled.clone().requires_grad_()
    value = graph(pooled, ids)
    value.backward()
    return value.detach(), pooled.grad, graph.output.weight.grad


def on_rank(rank, pooled, ids):
    return value_and_gradient(pooled[rank::2], ids[rank::2])


def test_two_ranks_equal_one_process():
    pooled, ids = torch.randn(6, 8), torch.tensor([0, 0, 1, 1, 0, 1])
    value, gradient, weight = value_and_gradient(pooled, ids)
    ranks = run_two_ranks(on_rank, pooled, ids)
    for rank, (own, own_gradient, _) in enumerate(ranks):
        assert_close(own, value)
        assert_close(own_gradient / 2, gradient[rank::2])
    assert_close((ranks[0][2] + ranks[1][2]) / 2, weight)

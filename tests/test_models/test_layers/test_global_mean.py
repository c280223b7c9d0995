"""One process (several ranks: tests/test_models/test_two_ranks.py)."""

import torch

from mmpsearch.models.layers.global_mean import share_per_rank, sum_over_ranks


def test_one_process_divides_by_its_own_count():
    assert share_per_rank(7) == 7
    assert share_per_rank(torch.tensor(7)) == 7
    assert share_per_rank(torch.tensor([True, False, True]).sum()) == 2


def test_nothing_gives_the_minimum():
    assert share_per_rank(0) == 1
    assert share_per_rank(torch.tensor(0), minimum=0.5) == 0.5


def test_the_callers_tensor_is_left_alone():
    count = torch.tensor(0.0)
    share_per_rank(count)
    assert count == 0
    assert share_per_rank(torch.tensor(3)).dtype == torch.float32


def test_one_process_sums_over_itself():
    x = torch.ones(3, requires_grad=True)
    assert sum_over_ranks(x) is x

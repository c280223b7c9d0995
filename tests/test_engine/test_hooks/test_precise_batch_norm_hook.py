"""Statistics of fixed weights (whole runs: tests/test_configs)."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mmpsearch.engine.hooks import PreciseBatchNormHook
from mmpsearch.engine.hooks.precise_batch_norm_hook import averaged_statistics
from mmpsearch.errors import ConfigError
from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from tests.distributed import run_two_ranks


def batches(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(6, 3, generator=generator) * 2 + 1 for _ in range(count)]


@pytest.mark.parametrize("kind", [nn.BatchNorm1d, SafeBatchNorm1d])
def test_statistics_are_means_over_the_passes(kind):
    norm = kind(3)
    norm.running_mean.fill_(1e9)  # of weights long gone
    for x in batches(2, seed=1):
        norm(x)
    seen = batches(3)
    with averaged_statistics(norm):
        for x in seen:
            norm(x)
    mean = torch.stack([x.mean(dim=0) for x in seen]).mean(dim=0)
    var = torch.stack([x.var(dim=0) for x in seen]).mean(dim=0)
    torch.testing.assert_close(norm.running_mean, mean)
    torch.testing.assert_close(norm.running_var, var)
    assert norm.momentum == 0.1 and int(norm.num_batches_tracked) == 2
    norm(seen[0])  # goes on as it did
    expected = 0.9 * mean + 0.1 * seen[0].mean(dim=0)
    torch.testing.assert_close(norm.running_mean, expected)


def test_a_norm_used_twice_a_pass_counts_both():
    norm = nn.BatchNorm1d(3)
    first, second = batches(2)
    with averaged_statistics(norm):
        norm(first), norm(second)
    both = (first.mean(dim=0) + second.mean(dim=0)) / 2
    torch.testing.assert_close(norm.running_mean, both)


def test_frozen_and_unused_norms_stay():
    norms = nn.ModuleList([nn.BatchNorm1d(3) for _ in range(2)])
    norms[0].eval()
    for norm in norms:
        norm.running_mean.fill_(7)
    with averaged_statistics(norms):
        norms[0](batches(1)[0])
    assert all((norm.running_mean == 7).all() for norm in norms)


def test_after_an_error_the_momentum_is_as_before():
    norm = nn.BatchNorm1d(3)
    with pytest.raises(KeyError), averaged_statistics(norm):
        norm(batches(1)[0])
        raise KeyError
    assert norm.momentum == 0.1 and not norm._forward_pre_hooks


def rank_statistics(rank):
    norm = nn.BatchNorm1d(3)
    with averaged_statistics(norm):
        norm(batches(2)[rank])
    return norm.running_mean, norm.running_var


def test_ranks_leave_with_one_mean():
    first, second = run_two_ranks(rank_statistics)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    mean = torch.stack([x.mean(dim=0) for x in batches(2)]).mean(dim=0)
    torch.testing.assert_close(first[0], mean)


def test_other_models_are_refused():
    hook = PreciseBatchNormHook()
    with pytest.raises(ConfigError, match="Linear is none; leave the hook out"):
        hook.before_train(SimpleNamespace(model=nn.Linear(2, 2)))
    with pytest.raises(ConfigError, match="num_batches must be 1 or more"):
        PreciseBatchNormHook(num_batches=0)

import pytest
import torch
from torch import nn

from mmpsearch.models.layers import SafeBatchNorm2d
from mmpsearch.models.selfsup.batch_statistics import (
    fixed_running_statistics,
    running_statistics,
)


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, SafeBatchNorm2d])
def test_batch_statistics_that_are_not_remembered(norm):
    module = nn.Sequential(norm(3)).train()
    x = torch.randn(4, 3, 5, 5) * 3 + 1
    with fixed_running_statistics(module):
        out = module(x)
    assert torch.equal(module[0].running_mean, torch.zeros(3))
    assert torch.equal(module[0].running_var, torch.ones(3))
    assert torch.equal(out, module(x))  # as in training
    assert module[0].running_mean.abs().min() > 0  # which remembers again


def test_running_statistics():
    module = nn.Sequential(nn.BatchNorm2d(3), nn.BatchNorm2d(3).eval())
    x = torch.randn(4, 3, 5, 5) * 3 + 1
    before = {k: v.clone() for k, v in module.state_dict().items()}
    with running_statistics(module):
        out = module(x)
    torch.testing.assert_close(out, x, atol=1e-3, rtol=1e-4)
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())
    assert [norm.training for norm in module] == [True, False]


@pytest.mark.parametrize("context", [fixed_running_statistics, running_statistics])
def test_put_back_after_an_error(context):
    module = nn.BatchNorm2d(3)
    with pytest.raises(ValueError), context(module):
        module(torch.zeros(1))
    assert module.training and module.track_running_stats and module.momentum == 0.1

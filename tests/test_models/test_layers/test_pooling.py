import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.layers.pooling import make_pool


def test_values_by_hand():
    x = torch.tensor([1.0, 2.0, 3.0, 0.0]).view(1, 1, 2, 2)
    mean_of_cubes = (1 + 8 + 27 + 0) / 4
    wanted = dict(avg=1.5, max=3.0, avg_max=4.5)
    wanted |= dict.fromkeys(("gem", "gem_fixed"), mean_of_cubes ** (1 / 3))
    for kind, value in wanted.items():
        assert_close(make_pool(kind)(x).item(), value, atol=1e-5, rtol=1e-5)
    with pytest.raises(ValueError, match="got 'mean'"):
        make_pool("mean")


def test_cubes_of_a_dead_channel_have_a_finite_gradient():
    x = torch.zeros(1, 2, 3, 3, requires_grad=True)
    pool = make_pool("gem_fixed")
    assert not list(pool.parameters())
    pooled = pool(x)
    assert_close(pooled, torch.full((1, 2), 1e-4))
    pooled.sum().backward()
    assert x.grad.isfinite().all()
    assert pool(x.detach().half()).dtype == torch.float32

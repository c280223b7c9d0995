import math

import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.selfsup.gumbel_sinkhorn import gumbel, gumbel_sinkhorn, sinkhorn
from tests.cross_modality_golden import sinkhorn_numbers

ITERATED = {
    "tau1_iters1_rowfirst": dict(iterations=1),
    "tau1_iters5_rowfirst": dict(iterations=5),
    "tau1_iters20_rowfirst": dict(),
    "tau1_iters100_rowfirst": dict(iterations=100),
    "tau1_iters20_colfirst": dict(first="columns"),
    "tau0.1_iters20_rowfirst": dict(temperature=0.1),
    "tau0.5_iters20_rowfirst": dict(temperature=0.5),
}


@pytest.mark.parametrize("name", ITERATED)
def test_reference_numbers(name):
    data = sinkhorn_numbers()
    settings = dict(ITERATED[name])
    x = data["log_alpha"] / settings.pop("temperature", 1.0)
    assert_close(sinkhorn(x, **settings), data["results"][name], atol=1e-12, rtol=0)


@pytest.mark.parametrize("temperature", [1, 0.5])
def test_reference_samples(temperature):
    data = sinkhorn_numbers()
    noise = gumbel(data["uniform"])
    assert_close(noise, data["gumbel"], atol=1e-12, rtol=0)
    got = gumbel_sinkhorn(data["log_alpha"], temperature, noise=noise)
    want = data["results"][f"gumbel10_tau{temperature}_noise1_iters20_rowfirst"]
    assert_close(got, want, atol=1e-12, rtol=0)


def test_a_batch_is_its_images():
    torch.manual_seed(0)
    x, noise = torch.randn(3, 4, 4), torch.randn(3, 2, 4, 4)
    batch = gumbel_sinkhorn(x, noise=noise)
    for image, own_noise, got in zip(x, noise, batch, strict=True):
        assert_close(gumbel_sinkhorn(image, noise=own_noise), got)


def test_columns_sum_to_one_and_large_affinities_stay_finite():
    torch.manual_seed(0)
    x = (1000 * torch.randn(2, 6, 6)).requires_grad_()
    soft = gumbel_sinkhorn(x)
    assert soft.shape == (2, 10, 6, 6)
    assert_close(soft.sum(dim=-2), torch.ones(2, 10, 6))
    soft.square().sum().backward()
    assert x.grad.isfinite().all()
    assert gumbel_sinkhorn(x.detach().half()).dtype == torch.float32


def test_noise_is_gumbel_s():
    torch.manual_seed(0)
    drawn = gumbel(torch.rand(20000, dtype=torch.float64))
    assert drawn.mean().item() == pytest.approx(0.5772, abs=0.04)
    assert drawn.std().item() == pytest.approx(math.pi / 6**0.5, abs=0.04)
    assert gumbel(torch.tensor([0.0, 1.0])).isfinite().all()

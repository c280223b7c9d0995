"""Logits layers against the public implementation and the chi distribution."""

import pytest
import torch
from scipy.stats import chi

from mmpsearch.models.person_search.spnet.logits import (
    BatchNormLogits,
    FixedNormLogits,
    chi_statistics,
)
from tests.test_models.golden import golden_tensors


@pytest.mark.parametrize("dims", [1, 2, 128, 343, 344, 2048])
def test_chi_statistics(dims):
    mean, std = chi_statistics(dims)
    if dims == 1:  # half-normal
        assert mean == pytest.approx((2 / torch.pi) ** 0.5)
        assert std == pytest.approx((1 - 2 / torch.pi) ** 0.5)
    assert mean == pytest.approx(chi.mean(dims), rel=1e-9)
    assert std == pytest.approx(chi.std(dims), rel=1e-5)


def test_chi_statistics_are_those_of_random_norms():
    norms = torch.randn(4000, 343, generator=torch.Generator().manual_seed(0)).norm(
        dim=1
    )
    mean, std = chi_statistics(343)
    assert norms.mean() == pytest.approx(mean, abs=4 * std / 4000**0.5)
    assert norms.std() == pytest.approx(std, rel=0.05)


def test_published_constants():
    expected = golden_tensors("logits_layers")["f64_alpha_beta_mu_s"]
    alpha, beta, mean, std = expected.tolist()
    ours = chi_statistics(128)
    assert ours == pytest.approx((mean, std), rel=1e-9)
    assert ours[0] ** 2 == pytest.approx(alpha, rel=1e-9)
    assert ours[0] / ours[1] == pytest.approx(beta, rel=1e-9)


@pytest.mark.parametrize("positive", [False, True])
def test_fixed_norm_equals_the_public_logits(positive):
    expected = golden_tensors("logits_layers")
    z = FixedNormLogits(128, positive)(expected["norm"])
    name = "fixednorm_pos" if positive else "fixednorm_neg"
    torch.testing.assert_close(z, expected[name][:, 1], rtol=1e-5, atol=1e-5)
    mean, std = chi_statistics(128)
    sign = 1 if positive else -1
    torch.testing.assert_close(
        z, sign * (expected["norm"] - mean) / std, rtol=1e-4, atol=1e-4
    )


def layer_of_the_golden_file(positive, affine):
    layer = BatchNormLogits(128, positive)
    with torch.no_grad():
        layer.norm.running_mean.fill_(9.0)
        layer.norm.running_var.fill_(16.0)
        if affine:
            layer.norm.weight.fill_(1.3)
            layer.norm.bias.fill_(-0.2)
    return layer


@pytest.mark.parametrize("positive", [False, True])
def test_batch_norm_equals_the_public_logits(positive):
    expected = golden_tensors("logits_layers")
    name = "batchnorm_pos" if positive else "batchnorm_neg"
    layer = layer_of_the_golden_file(positive, affine=True).eval()
    z = layer(expected["norm"])
    torch.testing.assert_close(z, expected[f"{name}_eval"][:, 1])
    z = layer.train()(expected["norm"])
    torch.testing.assert_close(z, expected[f"{name}_train"][:, 1], rtol=1e-4, atol=1e-5)
    running = torch.cat([layer.norm.running_mean, layer.norm.running_var])
    torch.testing.assert_close(running, expected[f"{name}_running_after"])


@pytest.mark.parametrize("positive", [False, True])
def test_one_norm_in_training_uses_the_running_statistics(positive):
    expected = golden_tensors("logits_layers")
    name = "batchnorm_pos" if positive else "batchnorm_neg"
    layer = layer_of_the_golden_file(positive, affine=False).train()
    z = expected[f"{name}_train_single"][:, 1]
    norm = (z if positive else -z) * (16 + 1e-5) ** 0.5 + 9
    torch.testing.assert_close(layer(norm), z)
    running = torch.cat([layer.norm.running_mean, layer.norm.running_var])
    assert torch.equal(running, expected[f"{name}_single_running_after"])


@pytest.mark.parametrize("layer", [FixedNormLogits(16), BatchNormLogits(16)])
def test_shape_is_kept_and_the_result_is_float32(layer):
    norms = torch.rand(2, 5, dtype=torch.bfloat16) * 8
    z = layer(norms)
    assert z.shape == (2, 5)
    assert z.dtype == torch.float32
    assert layer(norms[:, :0]).shape == (2, 0)

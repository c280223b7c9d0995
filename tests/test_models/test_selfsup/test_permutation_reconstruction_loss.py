import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.selfsup.permutation_reconstruction_loss import (
    PermutationReconstructionLoss,
    reconstruction_errors,
)
from tests.cross_modality_golden import sinkhorn_numbers


@pytest.mark.parametrize("target", ["vector", "matrix"])
def test_reference_numbers(target):
    data = sinkhorn_numbers()
    soft = data["results"]["gumbel10_tau1_noise1_iters20_rowfirst"]
    wanted = data["losses_vs_perm_tau1_noise1"]
    errors = reconstruction_errors(soft, data["perm"].long(), target)
    assert errors.mean().item() == pytest.approx(wanted[f"{target}_mse_mean"])
    summed = errors.flatten(1).sum(dim=1).mean().item()
    assert summed == pytest.approx(wanted[f"{target}_sse_per_sample_mean"])


@pytest.mark.parametrize("target", ["vector", "matrix"])
def test_the_true_matrix_alone_has_no_error(target):
    data = sinkhorn_numbers()
    truth, order = data["P"], data["perm"].long()
    assert torch.equal(F.one_hot(order, 6).double(), truth)
    assert reconstruction_errors(truth, order, target).max() == 0
    assert reconstruction_errors(truth.T, order, target).max() > 0


@pytest.mark.parametrize(
    "settings, chance",
    [
        (dict(), 35 / 12),
        (dict(target="matrix"), 5 / 36),
        (dict(target="matrix", reduction="sum"), 5.0),
    ],
)
def test_chance_level(settings, chance):
    loss = PermutationReconstructionLoss(noise_factor=0.0, **settings)
    orders = torch.tensor([[2, 4, 1, 3, 0, 5], [5, 0, 1, 2, 3, 4]])
    assert_close(loss(torch.zeros(2, 6, 6), orders), torch.tensor(chance))


def test_descent_recovers_the_order():
    torch.manual_seed(0)
    order = torch.tensor([[1, 0, 2]])
    affinity = torch.zeros(1, 3, 3, requires_grad=True)
    optimizer = torch.optim.SGD([affinity], lr=1.0)
    loss = PermutationReconstructionLoss()
    for _ in range(60):
        optimizer.zero_grad()
        loss(affinity, order).backward()
        optimizer.step()
    assert affinity.argmax(dim=2).tolist() == order.tolist()


def test_mixed_precision_does_not_round():
    torch.manual_seed(0)
    affinity, orders = torch.randn(2, 6, 6), torch.rand(2, 6).argsort(dim=1)
    loss = PermutationReconstructionLoss(noise_factor=0.0)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = loss(affinity, orders)
    assert_close(rounded, loss(affinity, orders))


def test_no_pictures():
    affinity = torch.zeros(0, 6, 6, requires_grad=True)
    value = PermutationReconstructionLoss()(affinity, torch.zeros(0, 6).long())
    value.backward()
    assert value == 0


@pytest.mark.parametrize("wrong", [dict(target="both"), dict(reduction="max")])
def test_wrong_settings(wrong):
    with pytest.raises(ValueError, match="must be"):
        PermutationReconstructionLoss(**wrong)

import math

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.losses.cross_entropy import (
    SmoothedCrossEntropy,
    smoothed_cross_entropy,
)
from tests.distributed import run_two_ranks
from tests.test_models.reid_golden import golden_arrays

GOLDEN = {
    "fastreid_ce/eps0.1": dict(smoothing=0.1, spread="others"),
    "fastreid_ce/eps0.0": dict(smoothing=0.0, spread="others"),
    "transreid_ce_smooth/eps0.1": dict(smoothing=0.1, spread="all"),
    "torchreid_ce/eps0.1": dict(smoothing=0.1),
    "plain_ce": dict(smoothing=0.0),
    "fastreid_ce/adaptive_alpha0.2": dict(
        smoothing=0.2, spread="others", adaptive=True
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_public_numbers(name):
    data = golden_arrays("reid_losses")
    logits = data["logits"].clone().requires_grad_()
    loss = SmoothedCrossEntropy(**GOLDEN[name])(logits, data["target"])
    loss.backward()
    assert_close(loss.item(), float(data[f"{name}/loss"]), atol=1e-5, rtol=1e-6)
    assert_close(logits.grad, data[f"{name}/grad"], atol=1e-6, rtol=1e-4)


def test_spreads_by_hand():
    logits, target = torch.tensor([[math.log(2.0), 0.0, 0.0]]), torch.tensor([0])
    own, other = math.log(2), math.log(4)
    (everybody,) = smoothed_cross_entropy(logits, target, 0.3, "all")
    assert_close(everybody, torch.tensor(0.7 * own + 0.1 * (own + 2 * other)))
    (others,) = smoothed_cross_entropy(logits, target, 0.3, "others")
    assert_close(others, torch.tensor(0.7 * own + 0.15 * (other + other)))


def test_agrees_with_pytorch_and_leaves_out_unlabelled():
    logits, ids = torch.randn(6, 9), torch.tensor([1, -1, 8, 0, -1, 3])
    want = F.cross_entropy(logits, ids, ignore_index=-1, label_smoothing=0.2)
    assert_close(SmoothedCrossEntropy(0.2)(logits, ids), want)


def test_nobody_labelled_gives_zero():
    logits = torch.randn(2, 9, requires_grad=True)
    loss = SmoothedCrossEntropy()(logits, torch.tensor([-1, -1]))
    loss.backward()
    assert loss == 0 and (logits.grad == 0).all()


def test_too_large_id_names_the_remedy():
    with pytest.raises(ValueError, match=r"person id 9 .* model.num_identities"):
        SmoothedCrossEntropy()(torch.randn(2, 9), torch.tensor([0, 9]))


def test_wrong_settings_are_refused():
    with pytest.raises(ValueError, match="smoothing must lie"):
        SmoothedCrossEntropy(1.0)
    with pytest.raises(ValueError, match="spread must be"):
        smoothed_cross_entropy(torch.zeros(1, 2), torch.tensor([0]), 0.1, "some")


def on_rank(rank):
    data = golden_arrays("reid_losses")
    own = slice(0, 5) if rank == 0 else slice(5, None)
    return SmoothedCrossEntropy()(data["logits"][own], data["target"][own])


def test_two_ranks_equal_one_process():
    data = golden_arrays("reid_losses")
    whole = SmoothedCrossEntropy()(data["logits"], data["target"])
    assert_close(torch.stack(run_two_ranks(on_rank)).mean(), whole)

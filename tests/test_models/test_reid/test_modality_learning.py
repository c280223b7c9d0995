import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from mmpsearch.models.reid.modality_learning import (
    averaging_rate,
    mask_separation,
    modality_divergence,
)


def test_separation_by_hand():
    masks = torch.zeros(1, 3, 1, 2)
    masks[0, 0, 0], masks[0, 1, 0] = torch.tensor([1.0, 0.5]), torch.tensor([0.0, 1.0])
    masks[0, 2, 0] = torch.tensor([0.5, 0.5])
    # pairs: 0.5, 0.75, 0.5
    assert_close(mask_separation(masks), torch.tensor([1.75 / 3]))
    assert mask_separation(masks[:, :1]) == 0


def test_divergence_by_hand_and_against_pytorch():
    own, other = torch.randn(4, 5, requires_grad=True), torch.randn(4, 5)
    got = modality_divergence(own, other)
    want = F.kl_div(other.log_softmax(1), own.softmax(1), reduction="batchmean")
    assert_close(got.mean(), want)
    (gradient,) = torch.autograd.grad(got.mean(), own, retain_graph=True)
    (expected,) = torch.autograd.grad(want, own)
    assert_close(gradient, expected)  # through the target of the divergence
    half = torch.tensor([[0.5, 0.5]]).log()
    value = modality_divergence(half, torch.tensor([[0.25, 0.75]]).log())
    assert_close(value, torch.tensor([4 / 3]).log() / 2)  # (log 2 + log 2/3) / 2


@pytest.mark.parametrize(("epoch", "rate"), [(0, 0.2), (99, 0.2), (199, 0.1)])
def test_rate(epoch, rate):
    assert averaging_rate(epoch) == pytest.approx(rate)

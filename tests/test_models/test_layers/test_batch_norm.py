"""Batch norm of few rows (several ranks: tests/test_models/test_two_ranks.py)."""

import pytest
import torch
from torch import nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d


@pytest.mark.parametrize("affine", [False, True])
def test_equals_torch_for_two_rows_and_more(affine):
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    ours, theirs = SafeBatchNorm1d(3, affine=affine), nn.BatchNorm1d(3, affine=affine)
    for rows in (2, 7):
        assert torch.equal(ours(x[:rows]), theirs(x[:rows]))
    ours.eval(), theirs.eval()
    assert torch.equal(ours(x), theirs(x))
    assert int(ours.num_batches_tracked) == 2


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("rows", [0, 1])
def test_fewer_rows_use_the_running_statistics(rows, affine):
    norm = SafeBatchNorm1d(2, affine=affine)
    norm.running_mean.copy_(torch.tensor([1.0, 2.0]))
    norm.running_var.copy_(torch.tensor([4.0, 9.0]))
    if affine:
        nn.init.constant_(norm.weight, 3.0)
    before = {key: value.clone() for key, value in norm.state_dict().items()}
    x = torch.tensor([[5.0, -1.0]])[:rows].requires_grad_()
    out = norm(x)
    expected = torch.tensor([[2.0, -1.0]])[:rows] * (3 if affine else 1)
    torch.testing.assert_close(out, expected)
    out.sum().backward()
    scale = torch.tensor([[0.5, 1 / 3]])[:rows] * (3 if affine else 1)
    torch.testing.assert_close(x.grad, scale)
    if affine:  # takes part, also with no rows
        assert norm.weight.grad is not None
    for key, value in norm.state_dict().items():
        assert torch.equal(value, before[key]), key


def test_half_precision_is_normalised_in_float32():
    x = (torch.randn(50, 4) + 100).bfloat16()
    norm = SafeBatchNorm1d(4, affine=False)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = norm(x)
    assert out.dtype == torch.float32
    assert torch.equal(out, SafeBatchNorm1d(4, affine=False)(x.float()))
    assert norm(x[:1]).dtype == norm.eval()(x).dtype == torch.float32


def test_double_stays_double():
    x = torch.randn(5, 2, dtype=torch.float64)
    assert SafeBatchNorm1d(2).double()(x).dtype == torch.float64

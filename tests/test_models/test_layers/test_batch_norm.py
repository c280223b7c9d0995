"""Batch norm of few rows (several ranks: tests/test_models/test_two_ranks.py)."""

import pytest
import torch
from torch import nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d, SafeBatchNorm2d
from tests.distributed import run_two_ranks


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


@pytest.mark.parametrize("affine", [False, True])
def test_half_precision_is_normalised_in_float32_and_rounded(affine):
    x = (torch.randn(50, 4) + 100).bfloat16()
    norm, reference = (SafeBatchNorm1d(4, affine=affine) for _ in range(2))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = norm(x)
    assert out.dtype == torch.bfloat16
    expected = reference(x.float())
    torch.testing.assert_close(out.float(), expected, rtol=2**-8, atol=1e-6)
    torch.testing.assert_close(norm.running_mean, reference.running_mean)
    torch.testing.assert_close(norm.running_var, reference.running_var)
    assert norm(x[:1]).dtype == norm(x[:0]).dtype == torch.bfloat16
    assert norm.eval()(x).dtype == torch.bfloat16


def test_maps_are_kept_in_half_precision_for_the_backward_pass():
    kept = []

    def pack(tensor):
        kept.append(tensor)
        return tensor

    x = torch.randn(4, 8, 6, 6, dtype=torch.bfloat16, requires_grad=True)
    norm = SafeBatchNorm2d(8)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        norm(x).sum().backward()
    assert {t.dtype for t in kept if t.dim() == 4} == {torch.bfloat16}


def test_double_stays_double():
    x = torch.randn(5, 2, dtype=torch.float64)
    assert SafeBatchNorm1d(2).double()(x).dtype == torch.float64


GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@GPU
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("rows", [(3, 5), (1, 1), (4, 0), (1, 0)])
def test_two_ranks_on_a_gpu_equal_the_cpu(rows, dtype):
    """Two processes share the GPU; (4, 0) and (1, 0) take the way of CPUs."""
    results = [run_two_ranks(normalise, rows, device, dtype) for device in DEVICES]
    for one, other in zip(*results, strict=True):
        for key, value in one.items():
            tolerance = 1e-5 if dtype == torch.float32 else 2e-2
            torch.testing.assert_close(
                other[key], value, rtol=tolerance, atol=tolerance
            )


DEVICES = ("cpu", "cuda")


def normalise(rank, rows, device, dtype):
    """Output, gradients and running statistics of a rank, in float32 on the CPU."""
    norm = SafeBatchNorm1d(3).to(device)
    generator = torch.Generator().manual_seed(rank)
    x = torch.randn(rows[rank], 3, generator=generator).to(device, dtype)
    out = norm(x.requires_grad_())
    (out * torch.arange(3, device=device)).square().sum().backward()
    found = {"out": out, "gradient": x.grad, **norm.state_dict()}
    return {key: value.detach().float().cpu() for key, value in found.items()}


def test_two_ranks_keep_the_dtype():
    results = run_two_ranks(normalise, (3, 5), "cpu", torch.bfloat16)
    exact = run_two_ranks(normalise, (3, 5), "cpu", torch.float32)
    for one, other in zip(results, exact, strict=True):
        torch.testing.assert_close(one["out"], other["out"], rtol=0.02, atol=0.05)

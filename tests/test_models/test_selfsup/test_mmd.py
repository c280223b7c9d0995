import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.selfsup.mmd import KERNELS, base_width, mmd
from tests.test_models.reid_golden import golden_arrays

GOLDEN = golden_arrays("up_reid_losses")
CLOSE = dict(atol=1e-5, rtol=1e-5, check_dtype=False)


def numbers(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def slow_rbf(a, b):
    """Pair by pair."""
    rows = torch.cat((a, b))
    n = len(rows)
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    width = sum((rows[i] - rows[j]).square().sum() for i, j in pairs) / len(pairs) / 4

    def kernel(x, y):
        distance = (x - y).square().sum()
        return sum((-distance / (width.detach() * 2**s)).exp() for s in range(5))

    def mean(x, y):
        return torch.stack([kernel(i, j) for i in x for j in y]).mean()

    return mean(a, a) + mean(b, b) - 2 * mean(a, b)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_our_reading_of_the_equation(dtype):
    a, b = (GOLDEN[name].to(dtype) for name in ("S_aug", "S_ori"))
    names = dict(rbf="mmd_rbf", scalar="mmd_rbf_scalar", linear="mmd_linear_rows")
    for kernel, name in {**names, "mse": "mse_alternative"}.items():
        assert_close(mmd(a, b, kernel), GOLDEN[name], **CLOSE)
    assert_close(base_width(a, b), GOLDEN["mmd_rbf_bandwidth0"], **CLOSE)
    root = mmd(a, b, "linear").sqrt()
    assert_close(root, GOLDEN["mmd_linear_rows_sqrt"], **CLOSE)
    q, k = GOLDEN["q"][0], GOLDEN["k"][0]
    assert_close(q @ k.T, GOLDEN["S_aug"])
    assert_close(GOLDEN["ori_q"] @ GOLDEN["ori_k"].T, GOLDEN["S_ori"])


@pytest.mark.parametrize("sizes", [(4, 4), (2, 5), (1, 3), (1, 1)])
def test_value_and_gradient(sizes):
    a, b = numbers(sizes[0], 3).requires_grad_(), numbers(sizes[1], 3, seed=1)
    want = slow_rbf(a, b)
    (gradient,) = torch.autograd.grad(want, a)
    found = mmd(a, b)
    found.backward()
    assert_close(found, want)
    assert_close(a.grad, gradient)


def test_many_samples_go_piece_by_piece(monkeypatch):
    a, b = numbers(7, 3).requires_grad_(), numbers(5, 3, seed=1)
    want = mmd(a, b, "scalar")
    (gradient,) = torch.autograd.grad(want, a)
    # the module is asked for through the function that has its name
    monkeypatch.setitem(mmd.__globals__, "ELEMENTS", 40)
    found = mmd(a, b, "scalar")
    found.backward()
    assert_close(found, want)
    assert_close(a.grad, gradient)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("rows", [1, 2, 6])
def test_equal_sets_have_distance_zero(kernel, rows):
    a = numbers(rows, 4).float().requires_grad_()
    found = mmd(a, a.detach().clone(), kernel)
    assert found == 0
    found.backward()
    assert a.grad.isfinite().all()
    constant = torch.ones(rows, 4, requires_grad=True)
    found = mmd(constant, torch.ones(rows, 4), kernel)
    found.backward()
    assert found == 0 and constant.grad.isfinite().all()


@pytest.mark.parametrize("kernel", KERNELS)
def test_symmetric_and_positive(kernel):
    a, b = numbers(5, 4), numbers(5, 4, seed=1) + 0.5
    assert_close(mmd(a, b, kernel), mmd(b, a, kernel))
    assert mmd(a, b, kernel) > 0


@pytest.mark.parametrize("kernel", ["rbf", "linear", "scalar"])
def test_order_of_the_rows_is_of_no_account(kernel):
    a, b = numbers(5, 4), numbers(5, 4, seed=1)
    assert_close(mmd(a[[3, 1, 0, 4, 2]], b, kernel), mmd(a, b, kernel))
    shuffled = mmd(a, a[[3, 1, 0, 4, 2]], kernel)
    assert_close(shuffled, torch.zeros_like(shuffled), atol=1e-12, rtol=0)


def test_mse_pairs_the_rows():
    a = numbers(5, 4)
    assert mmd(a, a[[3, 1, 0, 4, 2]], "mse") > 0
    with pytest.raises(ValueError, match=r"\(5, 4\) is not \(4, 4\)"):
        mmd(a, a[1:], "mse")


@pytest.mark.parametrize("kernel", KERNELS)
def test_half_precision_is_computed_in_single(kernel):
    a, b = numbers(3, 4).half().requires_grad_(), numbers(3, 4, seed=1).half()
    with torch.autocast("cpu", torch.bfloat16):
        found = mmd(a, b, kernel)
    assert found.dtype == torch.float32
    assert_close(found, mmd(a.float(), b.float(), kernel))
    found.backward()
    assert a.grad.dtype == torch.float16


@pytest.mark.parametrize("kernel", KERNELS)
def test_nothing(kernel):
    a = torch.zeros(0, 4, requires_grad=True)
    found = mmd(a, torch.zeros(0, 4), kernel)
    found.backward()
    assert found == 0


def test_unknown_kernel():
    with pytest.raises(ValueError, match="one of rbf, linear, scalar, mse"):
        mmd(numbers(2, 2), numbers(2, 2), "gauss")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("shape", [(6, 1), (2, 2), (4,), (1, 4, 3)])
def test_other_than_rows_of_one_length_is_refused(kernel, shape):
    with pytest.raises(ValueError, match=r"must be rows .* got \(4, 3\)"):
        mmd(torch.rand(4, 3), torch.rand(shape), kernel)

"""Winograd's convolution against PyTorch's in double precision."""

import pytest
import torch
import torch.nn.functional as F

from mmpsearch.ops.cpu.winograd import POINTS, cook_toom, winograd_conv3x3


def test_one_dimension_by_hand():
    output, kernel, inputs = cook_toom(POINTS)
    d, g = [3.0, -1.0, 2.0, 0.5, 4.0, -2.0], [0.5, -1.0, 2.0]
    expected = [sum(d[i + k] * g[k] for k in range(3)) for i in range(4)]
    assert output @ ((kernel @ g) * (inputs @ d)) == pytest.approx(expected)


@pytest.mark.parametrize("size", [(8, 12), (1, 1), (7, 33), (50, 30)])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_outputs_and_gradients(size, layout):
    torch.manual_seed(0)
    shapes = [(2, 6, *size), (5, 6, 3, 3), (5,)]
    tensors = [torch.randn(shape, requires_grad=True) for shape in shapes]
    exact = [t.detach().double().requires_grad_() for t in tensors]
    x, weight, bias = tensors
    result = winograd_conv3x3(x.contiguous(memory_format=layout), weight, bias)
    expected = F.conv2d(*exact, padding=1)
    torch.testing.assert_close(result.double(), expected, rtol=1e-4, atol=1e-4)
    factor = torch.randn(expected.shape)
    (result * factor).sum().backward()
    (expected * factor).sum().backward()
    for ours, theirs in zip(tensors, exact, strict=True):
        scale = theirs.grad.abs().max().item()
        torch.testing.assert_close(
            ours.grad.double(), theirs.grad, rtol=1e-4, atol=1e-5 * scale
        )


def test_without_bias_and_without_some_gradients():
    torch.manual_seed(0)
    x, weight = torch.randn(1, 4, 9, 9), torch.randn(3, 4, 3, 3, requires_grad=True)
    winograd_conv3x3(x, weight).sum().backward()
    expected = torch.autograd.grad(F.conv2d(x, weight, padding=1).sum(), weight)[0]
    torch.testing.assert_close(weight.grad, expected, rtol=1e-4, atol=1e-4)
    assert x.grad is None


def test_many_channels_lose_few_digits():
    torch.manual_seed(0)
    x, weight = torch.randn(1, 256, 16, 16), torch.randn(32, 256, 3, 3) / 48
    expected = F.conv2d(x.double(), weight.double(), padding=1)
    error = (winograd_conv3x3(x, weight) - expected).abs().max() / expected.std()
    assert error < 3e-5


def test_images_do_not_see_each_other():
    torch.manual_seed(0)
    x, weight = torch.randn(3, 4, 10, 10), torch.randn(3, 4, 3, 3)
    together = winograd_conv3x3(x, weight)[1:2]
    torch.testing.assert_close(together, winograd_conv3x3(x[1:2], weight))

"""Which convolutions are computed another way, and that they stay what they are."""

import pytest
import torch
from torch import nn

from mmpsearch.ops.cpu import convolution, speed_up_on_cpu


@pytest.fixture
def calls(monkeypatch):
    made = []
    way = convolution.winograd_conv3x3

    def count(*arguments):
        made.append(arguments)
        return way(*arguments)

    monkeypatch.setattr(convolution, "winograd_conv3x3", count)
    return made


def same_as_plain(arguments, x):
    torch.manual_seed(0)
    plain = nn.Conv2d(*arguments[:-1], **arguments[-1])
    expected = plain(x)
    speed_up_on_cpu(plain)
    torch.testing.assert_close(plain(x), expected, rtol=1e-4, atol=1e-5)


def test_a_large_3x3_is_transformed(calls):
    same_as_plain((128, 128, 3, {"padding": 1}), torch.randn(1, 128, 32, 32))
    assert len(calls) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (128, 128, 1, {}),
        (128, 128, 3, {}),
        (128, 128, 3, {"padding": 1, "stride": 2}),
        (128, 128, 3, {"padding": 1, "groups": 2}),
        (128, 128, 3, {"padding": 2, "dilation": 2}),
        (128, 128, 3, {"padding": 1, "padding_mode": "reflect"}),
        (128, 8, 3, {"padding": 1}),
    ],
)
def test_other_convolutions_are_left_to_pytorch(calls, arguments):
    same_as_plain(arguments, torch.randn(1, 128, 32, 32))
    assert not calls


def test_so_are_small_maps_other_precisions_and_autocast(calls):
    layer = nn.Conv2d(128, 128, 3, padding=1)
    assert speed_up_on_cpu(layer) == 1
    layer(torch.randn(4, 128, 16, 16))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(torch.randn(1, 128, 32, 32)).dtype == torch.bfloat16
    layer.double()(torch.randn(1, 128, 32, 32).double())
    assert not calls

"""ConvNeXt's blocks, computed with and without gradients."""

import pytest
import torch

from mmpsearch.models.backbones import ConvNeXt
from mmpsearch.ops.cpu import convnext, speed_up_on_cpu


@pytest.mark.parametrize("norm", ["mmpsearch.ChannelNorm", "LN2d"])
def test_without_gradients_the_outputs_are_the_same(monkeypatch, norm):
    monkeypatch.setattr(convnext, "POSITIONS_AT_ONCE", 7)
    torch.manual_seed(0)
    ours = ConvNeXt(
        arch={"depths": [1, 1, 2, 1], "channels": [4, 8, 12, 16]},
        layer_scale_init_value=0.5,
        drop_path_rate=0.5,
        norm_cfg={"type": norm, "eps": 1e-6},
    )
    x = torch.randn(3, 3, 64, 96)
    for training in (True, False):  # with stochastic depth, then without
        ours.train(training)
        torch.manual_seed(1)
        plain = ours(x)
        assert speed_up_on_cpu(ours) == (5 if training else 0)
        torch.manual_seed(1)
        with_gradients = ours(x)
        torch.manual_seed(1)
        with torch.no_grad():
            without = ours(x)
        for one, two, three in zip(plain, with_gradients, without, strict=True):
            torch.testing.assert_close(one, two)
            torch.testing.assert_close(one, three)
            if norm != "LN2d":  # which copies
                assert three.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kwargs", [{"use_grn": True}, {"linear_pw_conv": False}])
def test_blocks_of_another_kind_stay_plain(kwargs):
    arch = {"depths": [1] * 4, "channels": [4, 8, 12, 16]}
    assert speed_up_on_cpu(ConvNeXt(arch=arch, **kwargs)) == 0

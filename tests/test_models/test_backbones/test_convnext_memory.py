"""ConvNeXt's blocks, computed with and without gradients."""

import pytest
import torch

from mmpsearch.models.backbones import ConvNeXt, convnext


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
        with_gradients = ours(x)
        torch.manual_seed(1)
        with torch.no_grad():
            without = ours(x)
        for one, other in zip(with_gradients, without, strict=True):
            torch.testing.assert_close(one, other)
            if norm != "LN2d":  # which copies
                assert other.is_contiguous(memory_format=torch.channels_last)

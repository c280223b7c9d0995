"""ConvNeXt's blocks, computed with and without gradients."""

import torch

from mmpsearch.models.backbones import ConvNeXt, convnext


def test_without_gradients_the_outputs_are_the_same(monkeypatch):
    monkeypatch.setattr(convnext, "POSITIONS_AT_ONCE", 7)
    torch.manual_seed(0)
    ours = ConvNeXt(
        arch={"depths": [1, 1, 2, 1], "channels": [4, 8, 12, 16]},
        layer_scale_init_value=0.5,
        drop_path_rate=0.5,
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
            assert one.is_contiguous(memory_format=torch.channels_last)

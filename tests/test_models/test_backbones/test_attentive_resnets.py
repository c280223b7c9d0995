"""ResNets with something between or behind their stages."""

import torch
from torch.testing import assert_close

from mmpsearch.models.backbones import (
    AlleviatedResNet,
    ChannelAttentionResNet,
    ReIDResNet,
)

SMALL = dict(depth=18, stem_channels=8, base_channels=4)


def test_channel_attention_starts_as_the_plain_network():
    model, plain = ChannelAttentionResNet(**SMALL).eval(), ReIDResNet(**SMALL).eval()
    plain.load_state_dict(model.state_dict(), strict=False)
    x = torch.randn(2, 3, 48, 24)
    assert len(model.attention) == 3
    assert_close(model(x), plain(x))


def test_alleviation_stands_behind_the_last_two_stages():
    model = AlleviatedResNet(**SMALL, out_indices=(0, 1, 2, 3)).eval()
    plain = ReIDResNet(**SMALL, out_indices=(0, 1, 2, 3)).eval()
    plain.load_state_dict(model.state_dict(), strict=False)
    x = torch.randn(2, 3, 48, 24)
    got, want = model(x), plain(x)
    assert_close(got[:2], want[:2])
    assert_close(got[2], model.alleviation["2"](want[2]))
    assert not torch.allclose(got[3], want[3])

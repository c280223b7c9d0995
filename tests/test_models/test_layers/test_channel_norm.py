"""The norm of maps, in both layouts."""

import torch
from mmpretrain.models.utils import LayerNorm2d

from mmpsearch.models.layers import ChannelNorm


def test_is_mmpretrains_without_changing_the_memory():
    torch.manual_seed(0)
    x = torch.randn(2, 5, 3, 4)
    ours, theirs = ChannelNorm(5), LayerNorm2d(5, eps=1e-6)
    torch.nn.init.normal_(ours.weight)
    torch.nn.init.normal_(ours.bias)
    theirs.load_state_dict(ours.state_dict())
    expected = theirs(x)
    result = ours(x.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(result, expected)
    assert result.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(ours(x), expected)
    last = ours(x.permute(0, 2, 3, 1), data_format="channel_last")
    torch.testing.assert_close(last.permute(0, 3, 1, 2), expected)

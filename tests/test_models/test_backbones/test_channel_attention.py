import torch
from torch.testing import assert_close

from mmpsearch.models.backbones.channel_attention import ChannelAttention


def test_starts_as_the_identity():
    x = torch.randn(2, 3, 4, 2)
    assert_close(ChannelAttention()(x), x)


def test_equals_a_loop():
    module, x = ChannelAttention(), torch.randn(1, 3, 2, 2)
    torch.nn.init.constant_(module.gamma, 0.5)
    rows, want = x[0].flatten(1), []
    for own in rows:
        products = torch.stack([own @ other for other in rows])
        weights = (products.max() - products).softmax(dim=0)
        want.append(own + 0.5 * sum(w * r for w, r in zip(weights, rows, strict=True)))
    assert_close(module(x)[0].flatten(1), torch.stack(want))

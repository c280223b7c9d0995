import pytest
import torch
from torch.testing import assert_close

from mmpsearch.models.heads import EmbeddingHead


def test_bn_neck_alone():
    head, x = EmbeddingHead(3).train(), torch.randn(6, 3)
    got = head(x)
    assert got.pooled is got.before_bn and head.embed_dims == 3
    want = (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt()
    assert_close(got.after_bn, want)
    assert not head.bottleneck.bias.requires_grad
    assert head.bottleneck.weight.requires_grad


def test_reduction_without_bn_neck():
    head, x = EmbeddingHead(4, 2, activation=True, bn_neck=False), torch.randn(6, 4)
    got = head(x)
    assert got.before_bn is got.after_bn and got.before_bn.shape == (6, 2)
    assert (got.before_bn >= 0).all() and head.embed_dims == 2
    assert_close(got.pooled, x)


def test_half_precision_comes_out_as_float32():
    got = EmbeddingHead(3)(torch.randn(2, 3).half())
    assert got.pooled.dtype == got.after_bn.dtype == torch.float32


def test_activation_needs_a_reduction():
    with pytest.raises(ValueError, match="activation needs a reduction"):
        EmbeddingHead(3, activation=True)

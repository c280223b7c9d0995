"""Offsets, logits and regression of the SP block."""

import pytest
import torch
from torch import nn

from mmpsearch.models.person_search.spnet import SPBlock
from mmpsearch.models.person_search.spnet.logits import BatchNormLogits, FixedNormLogits
from mmpsearch.models.person_search.spnet.sp_block import (
    Bridge,
    DirectBridge,
    RegressionHead,
)


@pytest.mark.parametrize("bridge", ["affine", "direct"])
def test_first_offset_is_the_negated_embedding(bridge):
    block = SPBlock(6, bridge=bridge)
    embeddings = torch.randn(2, 3, 6)
    torch.testing.assert_close(block.object_offsets(embeddings), -embeddings)


def test_bridges_by_hand():
    a = torch.tensor([[1.0, 2.0]])
    weight = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    bias = torch.tensor([10.0, 20.0])
    # W a + b = (12, 22)
    for bridge, expected in (
        (Bridge(2), [[11.0, 20.0]]),
        (DirectBridge(2), [[12.0, 22.0]]),
    ):
        with torch.no_grad():
            bridge.linear.weight.copy_(weight)
            bridge.linear.bias.copy_(bias)
        assert bridge(a).tolist() == expected


def test_pathways_agree_where_the_bridge_guesses_the_query():
    """Section 3.1: the bridge stands in for a query."""
    block = SPBlock(4)
    query, embeddings = torch.randn(4), torch.randn(5, 4)
    with torch.no_grad():
        block.bridge.linear.bias.copy_(query)
    torch.testing.assert_close(
        block.object_offsets(embeddings), block.query_offsets(query, embeddings)
    )


def test_direct_bridge_can_say_what_the_affine_one_says():
    affine, direct = Bridge(4), DirectBridge(4)
    nn.init.normal_(affine.linear.weight)
    nn.init.normal_(affine.linear.bias)
    with torch.no_grad():
        direct.linear.weight.copy_(affine.linear.weight - torch.eye(4))
        direct.linear.bias.copy_(affine.linear.bias)
    a = torch.randn(3, 4)
    torch.testing.assert_close(direct(a), affine(a))


@pytest.mark.parametrize("name", ["fixed_norm", "batch_norm"])
@pytest.mark.parametrize("positive", [False, True])
def test_logits_fall_with_the_norm_unless_positive(name, positive):
    block = SPBlock(16, logits=name, positive_logits=positive)
    kinds = {"fixed_norm": FixedNormLogits, "batch_norm": BatchNormLogits}
    assert isinstance(block.logits, kinds[name])
    for training in (True, False):
        z = block.train(training).logits(torch.linspace(0, 9, 20))
        rising = z.diff() > 0
        assert (rising if positive else ~rising).all()


def test_signs_mirror_each_other():
    norms = torch.rand(30) * 9
    for name in ("fixed_norm", "batch_norm"):
        short, long = (SPBlock(16, name, sign).logits(norms) for sign in (False, True))
        torch.testing.assert_close(short, -long)


def test_regression_has_four_hidden_layers():
    head = RegressionHead(8)
    linears = [m for m in head.modules() if isinstance(m, nn.Linear)]
    assert [m.out_features for m in linears] == [8, 8, 8, 8, 4]
    x = torch.randn(3, 8)
    expected = x
    for linear in linears[:-1]:
        expected = torch.relu(linear(expected))
    torch.testing.assert_close(head(x), linears[-1](expected))
    assert head(x[:0]).shape == (0, 4)


def test_blocks_do_not_share_weights():
    first, second = SPBlock(4), SPBlock(4)
    theirs = {id(p) for p in first.parameters()}
    assert not theirs & {id(p) for p in second.parameters()}

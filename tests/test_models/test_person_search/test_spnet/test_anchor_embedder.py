"""The Anchor Embedder's order and its start."""

import math

import pytest
import torch

from mmpsearch.models.person_search.spnet import AnchorEmbedder, SPBlock

SIZES = [(8, 16), (32, 64)]
RATIOS = (1.0, 2.0)


def test_order_is_level_row_column_template():
    torch.manual_seed(0)
    head = AnchorEmbedder(3, embed_dims=5, sizes=SIZES, ratios=RATIOS, init_std=0.5)
    pyramid = [torch.randn(2, 3, 4, 6), torch.randn(2, 3, 2, 3)]
    embeddings, anchors = head(pyramid, (32, 48))
    assert embeddings.shape == (2, 4 * (4 * 6 + 2 * 3), 5)
    assert anchors.shape == (embeddings.shape[1], 4)
    position = 0
    for level, templates in zip(pyramid, head.anchors.templates, strict=True):
        maps = head.conv(level)
        rows, columns = level.shape[-2:]
        for row in range(rows):
            for column in range(columns):
                for template in range(4):
                    channels = slice(5 * template, 5 * template + 5)
                    expected = maps[:, channels, row, column]
                    assert torch.equal(embeddings[:, position], expected)
                    centre = torch.tensor([column * 48 // columns, row * 32 // rows])
                    box = templates[template] + centre.repeat(2)
                    assert torch.equal(anchors[position], box)
                    position += 1
    assert position == len(anchors)


def test_starts_as_published():
    torch.manual_seed(0)
    head = AnchorEmbedder(32)
    assert head.conv.weight.shape == (9 * 128, 32, 3, 3)
    assert abs(head.conv.weight.std() - 0.01) < 1e-4
    assert torch.equal(head.conv.bias, torch.full((1152,), -math.log(99)))
    assert -math.log(99) == pytest.approx(-4.5951, abs=1e-4)


def test_images_do_not_see_each_other():
    torch.manual_seed(0)
    head = AnchorEmbedder(3, 4, SIZES, RATIOS)
    pyramid = [torch.randn(3, 3, 4, 4), torch.randn(3, 3, 2, 2)]
    together, _ = head(pyramid, (32, 32))
    alone, _ = head([level[1:2] for level in pyramid], (32, 32))
    torch.testing.assert_close(together[1:2], alone)


def test_another_number_of_levels_is_refused():
    head = AnchorEmbedder(3, 4, SIZES, RATIOS)
    with pytest.raises(ValueError, match="num_outs"):
        head([torch.randn(1, 3, 4, 4)], (32, 32))


@pytest.mark.parametrize("bridge", ["affine", "direct"])
def test_offsets_come_from_transformed_kernels(bridge):
    torch.manual_seed(0)
    head = AnchorEmbedder(3, 4, SIZES, RATIOS, init_std=0.5)
    block = SPBlock(4, bridge=bridge)
    torch.nn.init.normal_(block.bridge.linear.weight)
    torch.nn.init.normal_(block.bridge.linear.bias)
    parameters = [*head.parameters(), *block.bridge.parameters()]
    pyramid = [torch.randn(2, 3, 4, 4), torch.randn(2, 3, 2, 2)]
    embeddings, _ = head(pyramid, (32, 32))
    expected = block.object_offsets(embeddings)
    offsets, _ = head(pyramid, (32, 32), block.bridge.affine())
    torch.testing.assert_close(offsets, expected, rtol=1e-4, atol=1e-5)
    factor = torch.randn(expected.shape)
    gradients, wanted = (
        torch.autograd.grad((x * factor).sum(), parameters) for x in (offsets, expected)
    )
    torch.testing.assert_close(gradients, wanted, rtol=1e-4, atol=1e-4)

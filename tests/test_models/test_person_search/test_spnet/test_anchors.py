"""Anchors against the public implementation's and against plain loops."""

import pytest
import torch

from mmpsearch.models.person_search.spnet.anchors import (
    AnchorGenerator,
    anchor_templates,
    octave_sizes,
)
from tests.test_models.golden import golden_tensors

RATIOS = (0.5, 1.0, 2.0)


def test_octave_sizes_are_the_published_ones():
    expected = "32,40,50 64,80,101 128,161,203 256,322,406 512,645,812"
    assert octave_sizes() == [
        tuple(map(int, level.split(","))) for level in expected.split()
    ]


def test_templates_equal_the_public_ones():
    expected = golden_tensors("anchor_templates")
    for level, sizes in enumerate(octave_sizes()):
        templates = anchor_templates(sizes, RATIOS)
        assert torch.equal(templates, expected[f"level{level}"])


def test_template_order_is_ratio_major():
    templates = anchor_templates((8, 16), (1.0, 4.0))
    # height / width 4: 8 -> 4 x 16, 16 -> 8 x 32
    expected = [[-4, -4, 4, 4], [-8, -8, 8, 8], [-2, -8, 2, 8], [-4, -16, 4, 16]]
    assert templates.tolist() == expected


def test_anchors_of_a_padded_image_equal_the_public_ones():
    expected = golden_tensors("anchors_928x1504")
    grids = expected["grids"].tolist()
    shape = tuple(expected["padded"].tolist())
    anchors = AnchorGenerator()(grids, shape, "cpu")
    assert len(anchors) == expected["num"]
    offsets = expected["level_offsets"].tolist()
    for level, (start, end) in enumerate(zip(offsets[:-1], offsets[1:], strict=True)):
        own = anchors[start:end]
        assert torch.equal(own[9:18], expected[f"level{level}_second_cell"])
        assert torch.equal(own[-9:], expected[f"level{level}_last9"])
    sums = torch.stack([anchors.double().sum(), anchors.double().abs().sum()])
    # the checksums were added up in float32
    torch.testing.assert_close(sums.float(), expected["checksum"], rtol=1e-4, atol=0)


def test_centres_have_no_half_stride_and_integer_strides():
    generator = AnchorGenerator(sizes=[(8,), (16,)], ratios=(1.0,))
    anchors = generator([(3, 5), (2, 3)], (64, 96), "cpu")
    expected = []
    for (rows, columns), half in (((3, 5), 4), ((2, 3), 8)):
        for row in range(rows):
            for column in range(columns):
                y, x = row * (64 // rows), column * (96 // columns)
                expected.append([x - half, y - half, x + half, y + half])
    assert anchors.tolist() == expected


def test_anchors_are_kept_until_a_shape_changes():
    generator = AnchorGenerator(sizes=[(8,)], ratios=(1.0,))
    first = generator([(4, 4)], (32, 32), "cpu")
    assert generator([(4, 4)], (32, 32), "cpu") is first
    assert len(generator([(4, 5)], (32, 40), "cpu")) == 20
    # the same maps of another padded batch have other strides
    assert generator([(4, 5)], (32, 45), "cpu")[1, 0] == 9 - 4


def test_errors_name_the_remedy():
    with pytest.raises(ValueError, match="same number of sizes"):
        AnchorGenerator(sizes=[(8,), (8, 16)])
    with pytest.raises(ValueError, match="num_outs"):
        AnchorGenerator()([(4, 4)], (32, 32), "cpu")

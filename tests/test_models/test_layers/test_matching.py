"""Anchor matching against torchvision's matcher and the public numbers."""

import pytest
import torch
from torchvision.models.detection._utils import Matcher

from mmpsearch.models.layers.matching import match_boxes
from tests.test_models.golden import golden_tensors


def test_matches_equal_the_public_ones():
    expected = golden_tensors("losses_detection_alone")
    iou = expected["match_iou"]
    matched = match_boxes(iou, 0.5, 0.4, allow_low_quality=True)
    assert torch.equal(matched, expected["match_50_40_lowq"])
    assert torch.equal(match_boxes(iou, 0.5, 0.5), expected["match_50_50"])
    matched = match_boxes(expected["match2_iou"], 0.5, 0.4, allow_low_quality=True)
    assert torch.equal(matched, expected["match2_50_40_lowq"])


def test_a_box_that_no_anchor_overlaps_matches_every_anchor():
    expected = golden_tensors("losses_detection_alone")["match_zero_row_lowq"]
    iou = torch.zeros(1, len(expected))
    matched = match_boxes(iou, 0.5, 0.4, allow_low_quality=True)
    assert torch.equal(matched, expected)
    assert match_boxes(iou, 0.5, 0.4).tolist() == [-1] * len(expected)


@pytest.mark.parametrize("low", [0.4, 0.5])
@pytest.mark.parametrize("low_quality", [False, True])
def test_matches_equal_torchvision(low, low_quality):
    generator = torch.Generator().manual_seed(0)
    oracle = Matcher(0.5, low, allow_low_quality_matches=low_quality)
    for boxes in (1, 2, 5):
        # a coarse grid of values: ties within rows and columns, exact thresholds
        iou = torch.randint(0, 11, (boxes, 60), generator=generator) / 10
        assert torch.equal(match_boxes(iou, 0.5, low, low_quality), oracle(iou))


def test_labels_follow_the_anchors():
    generator = torch.Generator().manual_seed(1)
    iou = torch.rand(3, 50, generator=generator)
    order = torch.randperm(50, generator=generator)
    matched = match_boxes(iou, 0.5, 0.4, True)
    assert torch.equal(match_boxes(iou[:, order], 0.5, 0.4, True), matched[order])


def test_without_boxes_everything_is_background():
    matched = match_boxes(torch.zeros(0, 4), 0.5, 0.4, True)
    assert matched.dtype == torch.int64
    assert matched.tolist() == [-1] * 4
    assert match_boxes(torch.zeros(0, 0), 0.5, 0.4).shape == (0,)

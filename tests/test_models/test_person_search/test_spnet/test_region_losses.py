"""Losses of sampled regions, by hand."""

import math

import pytest
import torch

from mmpsearch.models.person_search.spnet.region_losses import (
    box_loss,
    class_loss,
    first_boxes,
    predicted_boxes,
    reid_candidates,
)
from mmpsearch.models.person_search.spnet.structures import Regions
from mmpsearch.models.person_search.structures import GroundTruth

TRUTH = GroundTruth(
    boxes=torch.tensor([[0.0, 0, 10, 10], [20, 20, 40, 40], [50, 0, 70, 10]]),
    image_index=torch.tensor([0, 2, 2]),
    person_ids=torch.tensor([0, 1, 2]),
    unique_ids=torch.tensor([0, 1, 2]),
    image_sizes=torch.tensor([[64, 64], [64, 64], [64, 60]]),
)


def regions(boxes, image_index, matched, targets=None, deltas=None):
    number = len(boxes)
    return Regions(
        boxes=torch.tensor(boxes, dtype=torch.float32).view(-1, 4),
        image_index=torch.tensor(image_index, dtype=torch.int64),
        matched=torch.tensor(matched, dtype=torch.int64),
        targets=torch.tensor(matched if targets is None else targets).long(),
        offsets=torch.zeros(number, 8),
        logits=torch.zeros(number),
        deltas=torch.zeros(number, 4) if deltas is None else torch.tensor(deltas),
    )


def test_first_boxes():
    assert first_boxes(TRUTH).tolist() == [0, -1, 1]
    nobody = TRUTH._replace(image_index=torch.zeros(0, dtype=torch.int64))
    assert first_boxes(nobody).tolist() == [-1, -1, -1]


def test_box_loss_is_the_mean_over_matched_regions():
    found = regions(
        [[0, 0, 10, 10], [20, 20, 40, 40], [20, 30, 40, 50], [0, 0, 1, 1]],
        [0, 2, 2, 2],
        [0, 1, 1, -1],
    )
    # third: intersection 200, union 600, hull 600
    assert box_loss(found, TRUTH) == pytest.approx((1 - 200 / 600) / 3)
    # half a side to the right: intersection 50, union 150, hull 150
    moved = regions([[-5, 0, 5, 10]], [0], [0], deltas=[[1.0, 0.0, 0.0, 0.0]])
    assert box_loss(moved, TRUTH) == pytest.approx(1 - 50 / 150)


def test_class_loss_counts_matches():
    found = regions([[0, 0, 1, 1]] * 4, [0] * 4, [0, 0, -1, -1])
    assert class_loss(found) == pytest.approx(4 * math.log(2) / 2)


def test_predicted_boxes_are_clipped_to_their_image_without_gradient():
    deltas = torch.zeros(2, 4, requires_grad=True)
    found = regions([[-5, 60, 10, 70], [55, 5, 90, 20]], [0, 2], [-1, -1])
    boxes = predicted_boxes(found._replace(deltas=deltas), TRUTH.image_sizes)
    assert boxes.tolist() == [[0, 60, 10, 64], [55, 5, 60, 20]]
    assert not boxes.requires_grad


def test_reid_candidates_ended_up_on_their_target_whatever_their_label():
    found = regions(
        [
            [0, 0, 10, 10],  # on its target, matched
            [0, 0, 10, 7],  # IoU exactly 0.7, background
            [0, 0, 10, 6.9],  # just below
            [20, 20, 40, 40],  # on a box, but not on its target
            [0, 0, 10, 10],  # an image without boxes
        ],
        [0, 0, 0, 2, 1],
        [0, -1, -1, -1, -1],
        targets=[0, 0, 0, 2, -1],
    )
    boxes, good = reid_candidates(found, TRUTH, 0.7)
    assert len(boxes) == 5
    assert good.tolist() == [0, 1]


def test_nothing():
    none = regions([], [], [], deltas=torch.zeros(0, 4).tolist())
    none = none._replace(deltas=torch.zeros(0, 4), logits=torch.zeros(0))
    assert box_loss(none, TRUTH) == class_loss(none) == 0
    boxes, good = reid_candidates(none, TRUTH, 0.7)
    assert (boxes.shape, good.shape) == ((0, 4), (0,))

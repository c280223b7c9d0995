"""Regions of a two-stage detector: hand-computed boxes."""

import math

import torch
from torchvision.models.detection._utils import BoxCoder

from mmpsearch.models.layers.boxes import encode_boxes
from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.two_stage.regions import (
    DELTA_WEIGHTS,
    SelectSettings,
    move_regions,
    select_boxes,
)


def test_deltas_of_one_box_by_hand():
    box = torch.tensor([[10.0, 10.0, 30.0, 50.0]])  # 20 x 40 around (20, 30)
    target = torch.tensor([[15.0, 10.0, 35.0, 90.0]])  # 20 x 80 around (25, 50)
    expected = torch.tensor([[2.5, 5.0, 0.0, 5 * math.log(2)]])
    torch.testing.assert_close(encode_boxes(target, box, DELTA_WEIGHTS), expected)


def test_deltas_are_torchvisions_and_move_back():
    torch.manual_seed(0)
    corners = torch.rand(20, 2, 2) * 40
    boxes, targets = (
        torch.cat([corners[:, i], corners[:, i] + 1 + 40 * torch.rand(20, 2)], dim=1)
        for i in (0, 1)
    )
    deltas = encode_boxes(targets, boxes, DELTA_WEIGHTS)
    coder = BoxCoder((10.0, 10.0, 5.0, 5.0))
    torch.testing.assert_close(deltas, coder.encode_single(targets, boxes))
    regions = BoxBatch(boxes, torch.zeros(20, dtype=torch.int64))
    moved = move_regions(deltas, regions, torch.tensor([[1000, 1000]]))
    torch.testing.assert_close(moved, targets)


def test_moved_regions_are_cut_at_their_own_image():
    regions = BoxBatch(torch.tensor([[0.0, 0.0, 60.0, 90.0]] * 2), torch.tensor([0, 1]))
    moved = move_regions(torch.zeros(2, 4), regions, torch.tensor([[80, 50], [95, 70]]))
    assert moved.tolist() == [[0, 0, 50, 80], [0, 0, 60, 90]]


def test_corners_are_not_rounded_in_half_precision():
    regions = BoxBatch(torch.tensor([[700.3, 500.7, 760.1, 640.9]]), torch.tensor([0]))
    half = torch.full((1, 4), 0.5, dtype=torch.bfloat16)
    moved = move_regions(half, regions, torch.tensor([[1000, 1000]]))
    expected = move_regions(half.float(), regions, torch.tensor([[1000, 1000]]))
    assert moved.dtype == torch.float32 and torch.equal(moved, expected)


def test_selection_by_hand():
    boxes = torch.tensor(
        [
            [0.0, 0, 10, 10],
            [0, 0, 10, 9],  # overlaps the first by 0.9
            [20, 0, 30, 10],
            [40, 0, 40.001, 10],  # no width
            [0, 0, 10, 9],  # of the other image
        ]
    )
    scores = torch.tensor([0.7, 0.9, 0.6, 0.99, 0.8])
    index = torch.tensor([0, 0, 0, 0, 1])
    found = select_boxes(boxes, scores, index, 2, SelectSettings())
    assert found.source.tolist() == [1, 2, 4]
    assert found.image_index.tolist() == [0, 0, 1]
    few = select_boxes(boxes, scores, index, 2, SelectSettings(0.65, 0.95, 1))
    assert few.source.tolist() == [1, 4]

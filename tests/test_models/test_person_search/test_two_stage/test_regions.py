"""Regions: hand-computed boxes."""

import math

import torch
from torchvision.models.detection._utils import BoxCoder

from mmpsearch.models.person_search.structures import GroundTruth
from mmpsearch.models.person_search.two_stage.regions import (
    BoxBatch,
    SampleSettings,
    SelectSettings,
    encode_boxes,
    move_regions,
    sample_regions,
    select_boxes,
)


def truth(boxes, image_index, num_images=2, generators=()):
    count = len(boxes)
    return GroundTruth(
        torch.tensor(boxes).view(-1, 4),
        torch.tensor(image_index, dtype=torch.int64),
        torch.arange(count),
        torch.arange(count),
        torch.tensor([[50, 100]] * num_images),
        generators,
    )


def test_deltas_of_one_box_by_hand():
    box = torch.tensor([[10.0, 10.0, 30.0, 50.0]])  # 20 x 40 around (20, 30)
    target = torch.tensor([[15.0, 10.0, 35.0, 90.0]])  # 20 x 80 around (25, 50)
    expected = torch.tensor([[2.5, 5.0, 0.0, 5 * math.log(2)]])
    torch.testing.assert_close(encode_boxes(target, box), expected)


def test_deltas_are_torchvisions_and_move_back():
    torch.manual_seed(0)
    corners = torch.rand(20, 2, 2) * 40
    boxes, targets = (
        torch.cat([corners[:, i], corners[:, i] + 1 + 40 * torch.rand(20, 2)], dim=1)
        for i in (0, 1)
    )
    deltas = encode_boxes(targets, boxes)
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


def test_regions_are_matched_within_their_image_and_hold_the_ground_truth():
    people = truth([[0.0, 0, 10, 20], [0, 0, 10, 20], [50, 0, 60, 20]], [0, 1, 1])
    proposals = BoxBatch(
        torch.tensor([[0.0, 0, 10, 18], [50, 0, 60, 19], [50, 0, 60, 19]]),
        torch.tensor([0, 0, 1]),
    )
    found = sample_regions(proposals, people, SampleSettings())
    assert found.image_index.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.matched.tolist() == [0, -1, 0, 2, 1, 2]
    assert found.positive.tolist() == [True, False, True, True, True, True]


def test_what_lies_between_the_thresholds_is_left_out():
    people = truth([[0.0, 0, 10, 20]], [0], num_images=1)
    proposals = BoxBatch(
        torch.tensor([[0.0, 0, 10, 6], [0, 0, 10, 1], [0, 0, 10, 12]]),  # .3, .05, .6
        torch.zeros(3, dtype=torch.int64),
    )
    found = sample_regions(proposals, people, SampleSettings(negative_iou=0.1))
    assert found.matched.tolist() == [-1, 0, 0]


def test_sampling_follows_the_image_and_not_the_batch():
    def generators(*seeds):
        return tuple(torch.Generator().manual_seed(s) for s in seeds)

    boxes = torch.rand(60, 4).sort(dim=1).values * 40
    index = torch.arange(2).repeat_interleave(30)
    settings = SampleSettings(samples_per_image=8)
    people = [[0.0, 0, 10, 20], [5, 0, 10, 20]]
    both = sample_regions(
        BoxBatch(boxes, index), truth(people, [0, 1], 2, generators(3, 4)), settings
    )
    second = sample_regions(
        BoxBatch(boxes[30:], index[:30]),
        truth(people[1:], [0], 1, generators(4)),
        settings,
    )
    assert torch.equal(both.boxes[both.image_index == 1], second.boxes)


def test_no_people_no_proposals():
    empty = BoxBatch(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
    found = sample_regions(empty, truth([], []), SampleSettings())
    assert found.boxes.shape == (0, 4) and found.matched.shape == (0,)


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

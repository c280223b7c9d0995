"""Training regions: matched and sampled by hand."""

import torch

from mmpsearch.models.person_search.region_sampling import (
    BoxBatch,
    SampleSettings,
    match_image,
    sample_image,
    sample_regions,
)
from mmpsearch.models.person_search.structures import GroundTruth


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


def test_matches_are_positions_in_the_batch():
    people = truth([[0.0, 0, 9, 9], [0, 0, 10, 20], [50, 0, 60, 20]], [0, 1, 1])
    candidates = torch.tensor([[50.0, 0, 60, 19], [0, 0, 10, 11], [80, 0, 90, 20]])
    found = match_image(candidates, people, 1, positive_iou=0.6, negative_iou=0.5)
    assert found.tolist() == [2, -2, -1]
    best = match_image(candidates, people, 1, 0.99, 0.5, allow_low_quality=True)
    assert best.tolist() == [2, 1, -1]
    nobody = truth([[0.0, 0, 9, 9]], [0])
    assert match_image(candidates, nobody, 1, 0.5, 0.5).tolist() == [-1, -1, -1]


def test_an_image_s_own_generator_chooses():
    matched = torch.tensor([3, -1, -1, -2, 3, -1, -1, 3])

    def chosen(seed):
        generators = (None, torch.Generator().manual_seed(seed))
        people = truth([], [], generators=generators)
        return sample_image(matched, people, 1, number=4, positive_fraction=0.5)

    torch.manual_seed(0)
    first = chosen(5)
    torch.manual_seed(1)
    assert torch.equal(first, chosen(5))
    assert (matched[first] == 3).sum() == 2 and (matched[first] == -1).sum() == 2
    assert any(not torch.equal(first, chosen(seed)) for seed in range(6, 12))

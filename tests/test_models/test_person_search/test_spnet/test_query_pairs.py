"""Query-centric labels and anchor choice against plain loops."""

import pytest
import torch

from mmpsearch.models.layers.matching import match_boxes
from mmpsearch.models.person_search.spnet.query_pairs import (
    distinct_in_image,
    find_persons,
    match_single_box,
    nearest_anchors,
    overlapping_then_nearest,
    select_pairs,
)

IMAGES = torch.tensor([0, 0, 0, 1, 1, 2])
PERSONS = torch.tensor([7, 9, 7, 7, 4, 9])  # 7 is boxed twice in image 0


def test_persons_boxed_twice_in_an_image_are_left_out():
    expected = [False, True, False, True, True, True]
    assert distinct_in_image(IMAGES, PERSONS).tolist() == expected
    nothing = torch.zeros(0, dtype=torch.int64)
    assert distinct_in_image(nothing, nothing).shape == (0,)


def test_find_persons_by_hand():
    usable = distinct_in_image(IMAGES, PERSONS)
    found = find_persons(IMAGES, PERSONS, usable, num_images=4)
    assert found.tolist() == [
        [-1, 1, -1, -1, -1, 1],  # image 0 shows person 9 in box 1
        [3, -1, 3, 3, 4, -1],
        [-1, 5, -1, -1, -1, 5],
        [-1, -1, -1, -1, -1, -1],  # an image without boxes
    ]
    nothing = torch.zeros(0, dtype=torch.int64)
    assert find_persons(nothing, nothing, nothing.bool(), 2).shape == (2, 0)


@pytest.mark.parametrize("low_quality", [False, True])
def test_a_single_box_is_matched_like_an_image_with_one_box(low_quality):
    generator = torch.Generator().manual_seed(0)
    iou = torch.randint(0, 11, (8, 40), generator=generator) / 10
    iou[3] *= 0.3  # nothing reaches the threshold
    iou[4] = 0
    matched = match_single_box(iou, 0.5, 0.4, low_quality)
    for row, expected in zip(matched, iou, strict=True):
        assert torch.equal(row, match_boxes(expected[None], 0.5, 0.4, low_quality))
    assert match_single_box(iou[:0], 0.5, 0.4, low_quality).shape == (0, 40)


def test_nearest_anchors():
    norms = torch.tensor([[3.0, 1.0, 2.0, 0.0], [0.0, 9.0, 8.0, 7.0]])
    assert nearest_anchors(norms, 3).tolist() == [[3, 1, 2], [0, 3, 2]]
    assert nearest_anchors(norms[:0], 3).shape == (0, 3)


def slow_choice(giou, norms, number):
    """One pair at a time, as section 11 of the public code's description reads."""
    order = sorted(range(len(giou)), key=lambda a: -giou[a])[: number // 2]
    near = sorted(range(len(norms)), key=lambda a: norms[a])[:number]
    rest = sorted(a for a in near if a not in order)
    return order + rest[: number - number // 2]


@pytest.mark.parametrize("number", [1, 2, 7, 8])
def test_overlapping_then_nearest_equals_a_plain_loop(number):
    generator = torch.Generator().manual_seed(number)
    giou = torch.rand(5, 30, generator=generator)
    norms = torch.rand(5, 30, generator=generator)
    norms[0] = 1 - giou[0]  # the nearest are those that overlap best
    norms[1] = giou[1]  # the nearest are those that overlap least
    chosen = overlapping_then_nearest(giou, norms, number)
    expected = [
        slow_choice(g, n, number)
        for g, n in zip(giou.tolist(), norms.tolist(), strict=True)
    ]
    assert chosen.tolist() == expected


def test_all_anchors_may_be_wanted():
    generator = torch.Generator().manual_seed(0)
    giou, norms = torch.rand(2, 3, 6, generator=generator)
    chosen = overlapping_then_nearest(giou, norms, 6)
    assert torch.equal(chosen.sort(dim=1).values, torch.arange(6).expand(3, 6))
    assert overlapping_then_nearest(giou[:0], norms[:0], 6).shape == (0, 6)


def pairs_of(present, own, number):
    pairs = select_pairs(present, own, number)
    assert torch.equal(pairs, pairs.unique(dim=0))  # row-major, no repetition
    image, query = pairs.unbind(1)
    other = present[image, query] & ~own[image, query]
    counts = (other.sum(), own[image, query].sum(), (~present[image, query]).sum())
    return tuple(map(int, counts))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, (1, 0, 0)),
        (4, (4, 0, 0)),
        (7, (4, 3, 0)),
        (10, (4, 6, 0)),
        (13, (4, 6, 3)),
        (100, (4, 6, 8)),
    ],
)
def test_pairs_in_order_of_preference(number, expected):
    torch.manual_seed(0)
    # 3 images, 6 queries, two per image; persons a a, b b, c, d
    own = torch.zeros(3, 6, dtype=torch.bool)
    own[[0, 0, 1, 1, 2, 2], range(6)] = True
    present = own.clone()
    persons = torch.tensor([0, 1, 0, 2, 1, 3])
    for first in range(6):
        for second in range(6):
            if persons[first] == persons[second]:
                present[first // 2, second] = True
    assert (present & ~own).sum() == 4
    assert pairs_of(present, own, number) == expected


def test_no_queries_give_no_pairs():
    empty = torch.zeros(4, 0, dtype=torch.bool)
    assert select_pairs(empty, empty, 32).shape == (0, 2)

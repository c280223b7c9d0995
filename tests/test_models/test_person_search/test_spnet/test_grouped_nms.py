import torch
from torchvision.ops import nms

from mmpsearch.models.person_search.spnet.grouped_nms import grouped_nms


def random_boxes(number: int, seed: int = 0):
    generator = torch.Generator().manual_seed(seed)
    corners = torch.rand(number, 2, 2, generator=generator) * torch.tensor([150.0, 90])
    boxes = torch.cat([corners.amin(dim=1), corners.amax(dim=1)], dim=1)
    return boxes, torch.rand(number, generator=generator), generator


def test_groups_are_suppressed_one_by_one():
    boxes, scores, generator = random_boxes(2000)
    groups = torch.randint(0, 300, (2000,), generator=generator) * 7
    kept = grouped_nms(boxes, scores, groups, 0.3)
    expected = []
    for group in groups.unique().tolist():
        rows = (groups == group).nonzero().flatten()
        expected.append(rows[nms(boxes[rows], scores[rows], 0.3)])
    expected = torch.cat(expected)
    assert kept.sort().values.tolist() == expected.sort().values.tolist()
    assert (scores[kept].diff() <= 0).all()
    assert len(kept) < len(boxes)


def test_far_strips_do_not_round_overlaps():
    """Two boxes with an IoU a hair below and above the limit, in the last strip."""
    boxes = torch.tensor([[0.3, 0, 10.3, 10], [0.3, 0, 10.3, 4.99999]])
    for limit, number in ((0.5, 2), (0.49999, 1)):
        for group in (0, 100_000):
            groups = torch.full((2,), group)
            assert len(grouped_nms(boxes, torch.ones(2), groups, limit)) == number


def test_the_first_of_equal_scores_stays_and_nothing_gives_nothing():
    boxes = torch.tensor([[0.0, 0, 5, 5]]).repeat(4, 1)
    groups = torch.tensor([1, 0, 1, 0])
    assert grouped_nms(boxes, torch.ones(4), groups, 0.5).tolist() == [0, 1]
    empty = grouped_nms(boxes[:0], torch.ones(0), groups[:0], 0.5)
    assert empty.shape == (0,) and empty.dtype == torch.int64

import torch
from torch.testing import assert_close

from mmpsearch.models.necks import PatternAlignmentNeck


def test_masked_averages_beside_the_average():
    neck = PatternAlignmentNeck(3, num_patterns=2)
    maps = torch.randn(2, 3, 4, 2)
    masks = neck.masks([maps])
    assert masks.shape == (2, 2, 4, 2) and 0 < masks.min() and masks.max() < 1
    want = [(masks[:, p, None] * maps).mean((2, 3)) for p in range(2)]
    assert_close(neck([maps])["whole"], torch.cat([*want, maps.mean((2, 3))], dim=1))


def test_masks_start_without_bias():
    neck = PatternAlignmentNeck(3)
    assert_close(neck.masks([torch.zeros(1, 3, 2, 2)]), torch.full((1, 6, 2, 2), 0.5))

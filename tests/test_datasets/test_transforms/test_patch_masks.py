import random

import numpy as np
import pytest

from mmpsearch.datasets.transforms import PatchMasks
from mmpsearch.datasets.transforms.patch_masks import block_mask, scattered_mask
from tests.pretraining_golden import golden_arrays

GOLDEN = golden_arrays("mask_stats")
SETTINGS = sorted({key.split("/")[0] for key in GOLDEN})


def masks_of(setting):
    """From a name such as ``block_0-0.3_var0-0.2_16x8``."""
    shape, shares, spreads, grid = setting.split("_")
    return PatchMasks(
        grid=tuple(map(int, grid.split("x"))),
        shares=tuple(map(float, shares.split("-"))),
        spreads=tuple(map(float, spreads.removeprefix("var").split("-"))),
        shape="block" if shape == "block" else "scattered",
    )


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_first_masks_of_a_seed_are_the_public_ones(setting):
    transform = masks_of(setting)
    random.seed(0)
    np.random.seed(0)
    drawn = [transform.transform({})["masks"] for _ in range(12)]
    want = GOLDEN[f"{setting}/first24_seed0"].astype(bool)
    assert np.array_equal(np.concatenate(drawn), want)


@pytest.mark.parametrize("setting", SETTINGS)
def test_statistics(setting):
    transform = masks_of(setting)
    random.seed(1)
    np.random.seed(1)
    masks = np.stack([transform.draw() for _ in range(3000)])
    shares = masks.mean(axis=(1, 2))
    mean, std, unmasked, _, _, highest = GOLDEN[f"{setting}/summary"]
    assert abs(shares.mean() - mean) < 5 * (std + 1e-3) / 3000**0.5
    assert abs(shares.std() - std) < 0.01
    assert abs((shares == 0).mean() - unmasked) < 0.04
    assert shares.max() <= highest + 0.02
    assert np.abs(masks.mean(axis=0) - GOLDEN[f"{setting}/pos_prob"]).max() < 0.05


@pytest.mark.parametrize("grid", [(16, 8), (6, 4), (3, 3), (2, 1), (8, 4)])
def test_a_block_mask_never_exceeds_its_share(grid):
    random.seed(0)
    for _ in range(200):
        share = random.uniform(0, 1)
        assert block_mask(grid, share).sum() <= share * grid[0] * grid[1]


def test_scattered_masks_have_an_exact_number():
    for share, number in ((0.0, 0), (0.3, 38), (0.5, 64), (1.0, 128)):
        assert scattered_mask((16, 8), share).sum() == number


def test_bad_settings():
    with pytest.raises(ValueError, match="'block' or 'scattered'"):
        PatchMasks((16, 8), shape="rand")
    with pytest.raises(ValueError, match="one number per range"):
        PatchMasks((16, 8), shares=(0.3,), spreads=(0.4,))
    with pytest.raises(ValueError, match="one number per range"):
        PatchMasks((16, 8), shares=(0.3,))

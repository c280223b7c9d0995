import numpy as np
import pytest

from mmpsearch.datasets.synthetic.background import (
    PLACES,
    Ground,
    draw_place,
    draw_shadow,
    paste,
    smooth_noise,
)
from mmpsearch.datasets.synthetic.figure import Sprite

GROUND = Ground(edge=40, far=50, near=100, far_height=20, near_height=70)


def test_heights_grow_linearly_from_the_horizon():
    assert GROUND.height_at(50) == 20 and GROUND.height_at(100) == 70
    assert GROUND.height_at(75) == 45
    assert GROUND.horizon == 30  # 20 px at 1 px per row


@pytest.mark.parametrize("place", PLACES)
def test_places_are_drawn_from_their_seed(place):
    first, second = (
        draw_place(np.random.default_rng(3), (160, 100), GROUND, place)
        for _ in range(2)
    )
    assert first.shape == (100, 160, 3) and first.dtype == np.uint8
    assert (first == second).all()
    assert first.astype(float).std() > 8


def test_paste_cuts_at_the_frame():
    image = np.zeros((10, 10, 3), np.float32)
    alpha = np.ones((4, 4), np.float32)
    sprite = Sprite(np.full((4, 4, 3), 50, np.float32), alpha, (2.0, 4.0))
    rows, columns, visible = paste(image, sprite, 1, 3)
    assert (rows, columns) == (slice(0, 3), slice(0, 3)) and visible.shape == (3, 3)
    assert (image[:3, :3] == 50).all() and image.sum() == 9 * 3 * 50
    assert paste(image, sprite, 40, 3) is None


def test_shadow_darkens_around_the_foot():
    image = np.full((40, 60, 3), 100, np.float32)
    draw_shadow(image, 30, 20, 12)
    assert image[20, 30, 0] == pytest.approx(50, abs=1)
    assert (image[:10] == 100).all() and (image[:, :10] == 100).all()
    draw_shadow(image, -100, 20, 12)  # outside: nothing to do


def test_smooth_noise_has_blobs_of_the_given_size():
    rng = np.random.default_rng(0)
    fine, coarse = smooth_noise(rng, (64, 64), 2), smooth_noise(rng, (64, 64), 16)
    assert np.abs(np.diff(coarse)).mean() < 0.3 * np.abs(np.diff(fine)).mean()

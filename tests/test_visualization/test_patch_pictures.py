import numpy as np

from mmpsearch.visualization.patch_pictures import (
    cluster_rows,
    draw_mass,
    draw_matches,
    patch_box,
    patch_window,
)


def picture():
    """Four rows and two columns of patches of 8 pixels, each of its own grey."""
    greys = np.arange(8, dtype=np.uint8).reshape(4, 2) * 20 + 50
    return np.repeat(np.repeat(greys, 8, 0), 8, 1)[..., None].repeat(3, 2)


def test_boxes():
    assert patch_box(0, 2, 8) == (0, 0, 8, 8)
    assert patch_box(5, 2, 8) == (8, 16, 16, 24)


def test_window_shows_the_neighbours_and_black_outside():
    window = patch_window(picture(), place=0, columns=2, patch=8, around=1)
    assert window.shape == (24, 24, 3)
    assert (window[:8] == 0).all() and (window[:, :8] == 0).all()
    assert (window[8, 8] == 50).all() and (window[8, 20] == 70).all()
    assert (window[20, 8] == 90).all()
    assert window[12, 12, 2] > window[12, 12, 0] + 100  # the red dot


def test_rows_are_filled_up():
    tile = np.zeros((6, 6, 3), np.uint8)
    drawn = cluster_rows([[tile, tile], [tile]], gap=2)
    assert drawn.shape == (18, 18, 3)
    assert (drawn[10:16, 2:8] == 0).all() and (drawn[10:16, 10:16] == 255).all()


def test_mass_darkens_the_rest():
    mask = np.zeros((4, 2), bool)
    mask[1, 1] = True
    drawn = draw_mass(picture(), mask)
    assert (drawn[8:16, 8:16] == picture()[8:16, 8:16]).all()
    assert (drawn[:8] == picture()[:8] // 4).all()


def test_lines_join_the_matches():
    black = np.zeros((32, 16, 3), np.uint8)
    pairs = (np.array([0]), np.array([7]))
    drawn = draw_matches(black, black, pairs, columns=2, patch=8, enlarge=2)
    assert drawn.shape == (64, 32 + 40 + 32, 3)
    assert drawn[8, 8].any() and drawn[56, 72 + 24].any()
    assert (drawn[32, 32 + 20] != 255).any()  # half way, on the white between
    assert not drawn[60, :30].any()

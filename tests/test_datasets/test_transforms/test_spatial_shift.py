"""Spatial-invariant augmentation: ranges by hand, shifts within them."""

import numpy as np

from mmpsearch.datasets.transforms.spatial_shift import (
    cut_crop,
    draw_shifts,
    move_boxes_by,
    shift_ranges,
)


def test_ranges_by_hand():
    """200 x 80 pixels: 2 * 200 * 10 / 256 and 2 * 80 * 10 / 128; large ones: 40."""
    boxes = np.array([[5.0, 5, 85, 205], [0, 0, 240, 600]])
    assert shift_ranges(boxes).tolist() == [[12.5, 15.625], [37.5, 40.0]]
    halves = shift_ranges(boxes[:1], padding=5, max_range=7)
    assert halves.tolist() == [[6.25, 7.0]]
    assert shift_ranges(boxes[:1], crop_size=(512, 128))[0, 1] == 7.8125


def test_shifts_fill_the_ranges_and_stay_inside():
    np.random.seed(0)
    boxes = np.tile([[5.0, 5, 85, 205]], (4000, 1))
    shifts = draw_shifts(boxes)
    half = shift_ranges(boxes)[0] / 2
    assert (np.abs(shifts) <= half).all()
    assert (np.abs(shifts).max(axis=0) > 0.99 * half).all()
    np.testing.assert_allclose(shifts.mean(axis=0), 0, atol=0.3)
    np.testing.assert_allclose(shifts.std(axis=0), 2 * half / np.sqrt(12), rtol=0.05)
    assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.05
    moved = move_boxes_by(boxes, shifts)
    np.testing.assert_allclose(moved[:, 2:] - moved[:, :2], [[80, 200]] * 4000)


def test_no_boxes():
    assert draw_shifts(np.zeros((0, 4))).shape == (0, 2)


def test_crops_by_hand():
    image = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    crop = cut_crop(image, np.array([1.6, 0.4, 4.4, 2.6]))
    np.testing.assert_array_equal(crop, image[0:3, 2:4])
    # cut at the border; something is always shown
    np.testing.assert_array_equal(
        cut_crop(image, np.array([-3.0, 4.0, 2.0, 9.0])), image[4:, :2]
    )
    assert cut_crop(image, np.array([20.0, 20.0, 30.0, 30.0])).shape == (1, 1, 3)
    assert cut_crop(image, np.array([0.0, 0, 8, 6]), (4, 2)).shape == (4, 2, 3)

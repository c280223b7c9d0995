import numpy as np
import pytest

from mmpsearch.datasets.transforms import (
    PadToSize,
    RandomScale,
    RandomScaleShift,
    WindowResize,
)
from mmpsearch.datasets.transforms.resize import window_resize_shape

from .scene import make_results


@pytest.mark.parametrize(
    "size, expected",
    [
        ((1080, 1920), (844, 1500)),  # 1500 / 1920 * 1080 = 843.75
        ((576, 720), (900, 1125)),
        ((600, 1000), (900, 1500)),
        ((599, 1000), (898, 1500)),  # 898.5 rounds to even
        ((900, 900), (900, 900)),
    ],
)
def test_window_resize_shape(size, expected):
    assert window_resize_shape(*size) == expected
    assert window_resize_shape(*size[::-1]) == expected[::-1]


def test_window_resize_of_boxes_and_queries():
    results = make_results(60, 80, [[8, 6, 40, 30]], queries=[[0, 0, 80, 60]])
    results = WindowResize(short=45, long=1000)(results)
    assert results["img"].shape == (45, 60, 3)
    assert results["scale_factor"] == (0.75, 0.75)
    assert results["gt_bboxes"].tolist() == [[6, 4.5, 30, 22.5]]
    assert results["query_bboxes"].tolist() == [[0, 0, 60, 45]]


def test_random_scale_cuts_sizes_to_whole_pixels():
    window = RandomScale.window((240, 320), 2.13085737)
    assert (window.height, window.width) == (511, 681)


def test_random_scale_draws_within_its_range():
    np.random.seed(0)
    heights = [RandomScale()(make_results())["img_shape"][0] for _ in range(40)]
    assert 60 * 1.5 <= min(heights) < 105 and 165 < max(heights) <= 60 * 3
    heights = [RandomScale((0.5, 2.0))(make_results())["img_shape"][0] for _ in "abcd"]
    assert min(heights) < 90


def test_pad_keeps_the_centre_and_the_odd_pixel_goes_last():
    results = make_results(3, 5, [[0, 0, 5, 3]])
    image = results["img"]
    results = PadToSize(height=6, width=4, pad_value=200)(results)
    assert results["img_shape"] == (6, 5)
    assert (results["img"][1:4] == image).all()
    assert (results["img"][[0, 4, 5]] == 200).all()
    assert results["gt_bboxes"].tolist() == [[0, 1, 5, 4]]


def test_scale_shift_window_by_hand():
    # Content at half size: 20 pixels of free space each way, position 0.5 centres it.
    window = RandomScaleShift.window((40, 20), 0.5, (0.5, 0.0), margin=0.0)
    assert (window.x1, window.x2, window.y1, window.y2) == (-10, 30, -40, 40)
    # Twice the size: the window is a quarter of the image.
    window = RandomScaleShift.window((40, 20), 2.0, (1.0, 0.5), margin=0.0)
    assert (window.x1, window.x2, window.y1, window.y2) == (10, 20, 10, 30)


def test_scale_shift_keeps_the_size():
    np.random.seed(1)
    transform = RandomScaleShift(pad_value=0)
    for _ in range(10):
        results = transform(make_results(48, 64, [[20, 20, 40, 40]]))
        assert results["img"].shape == (48, 64, 3)
        assert results["img_shape"] == (48, 64)
        factors = results["scale_factor"]
        assert 0.78 < min(factors) and max(factors) < 1.28

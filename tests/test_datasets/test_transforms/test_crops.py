import numpy as np
import pytest
from mmcv.transforms import RandomChoice

from mmpsearch.datasets.transforms import FocusedCrop, RandomCropPair, SafeCrop
from mmpsearch.datasets.transforms.crops import (
    eroded_union,
    focus_range,
    safe_crop_parameters,
)

from .scene import make_results


@pytest.mark.parametrize(
    "start, extent, side, limit, expected",
    [
        (50.7, 20.0, 30, 100, (40, 50)),  # right edge 70.7 - 30 = 40.7 at least
        (5.0, 20.0, 30, 100, (0, 5)),  # never below the border
        (90.0, 10.0, 30, 100, (70, 70)),  # never beyond it
        (10.0, 60.0, 60, 100, (10, 10)),  # box as long as the crop
    ],
)
def test_focus_range(start, extent, side, limit, expected):
    assert focus_range(start, extent, side, limit) == expected


def test_focused_crop_holds_a_labelled_person():
    np.random.seed(0)
    boxes = [[3, 4, 20, 30], [60, 30, 70, 50]]
    for _ in range(20):
        results = FocusedCrop(size=32)(make_results(60, 80, boxes, [-1, 4]))
        assert results["img"].shape == (32, 32, 3)
        chosen = results["gt_person_ids"].tolist().index(4)
        size = results["gt_bboxes"][chosen, 2:] - results["gt_bboxes"][chosen, :2]
        assert size.tolist() == [10, 20]


def test_focused_crop_takes_unlabelled_persons_where_nobody_has_an_id():
    np.random.seed(0)
    results = FocusedCrop(size=16)(make_results(60, 80, [[60, 30, 70, 40]], [-1]))
    assert results["gt_person_ids"].tolist() == [-1]


def test_focused_crop_grows_with_a_large_box():
    np.random.seed(0)
    results = FocusedCrop(size=16)(make_results(60, 80, [[10, 10, 30, 50]]))
    # A 40 x 40 window at 16 x 16.
    assert results["scale_factor"] == pytest.approx((0.4, 0.4))
    height = results["gt_bboxes"][0, 3] - results["gt_bboxes"][0, 1]
    assert height == pytest.approx(16)


def test_crops_of_an_image_without_persons():
    np.random.seed(0)
    results = FocusedCrop(size=16)(make_results(60, 80))
    assert results["img"].shape == (16, 16, 3)
    assert results["scale_factor"] == pytest.approx((16 / 80, 16 / 60))
    for _ in range(10):
        results = SafeCrop(size=16)(make_results(60, 80))
        factor_w, factor_h = results["scale_factor"]
        assert 54 <= 16 / factor_h <= 60
        assert 16 / factor_w == pytest.approx(16 / factor_h * 80 / 60, abs=1)


def test_eroded_union_by_hand():
    boxes = np.array([[10.0, 10, 30, 50], [40, 0, 60, 40]])
    union = eroded_union(boxes, (100, 200), erosion=0.1)
    expected = (12 / 200, 4 / 100, 58 / 200, 46 / 100)
    assert union == pytest.approx(expected)


def test_safe_crop_parameters_by_hand():
    boxes = np.array([[20.0, 20, 40, 60]])
    draws = np.array([0.5, 0.0, 0.25, 1.0])
    parameters = safe_crop_parameters(boxes, (100, 200), 0.0, draws)
    # x: left 0.1 -> 0.05, right 0.2 -> 0.4; y: top 0.2 -> 0, bottom 0.6 -> 1.
    assert parameters.crop_height == 100 and parameters.h_start == 0.0
    assert parameters.crop_width == 70
    assert parameters.w_start == pytest.approx(0.05 / 0.65)
    window = parameters.window((100, 200), (32, 32))
    assert (window.x1, window.x2) == (10, 80)  # int(131 * 0.0769...) = 10


def test_safe_crop_keeps_all_but_the_margin():
    np.random.seed(0)
    boxes = [[10, 12, 30, 40], [50, 20, 70, 55]]
    for _ in range(30):
        results = SafeCrop(size=64, erosion=0.1)(make_results(60, 80, boxes))
        assert results["gt_person_ids"].tolist() == [0, 1]
        window_share = np.array(results["scale_factor"])
        sizes = (results["gt_bboxes"][:, 2:] - results["gt_bboxes"][:, :2]).astype(
            float
        )
        original = np.array([[20, 28], [20, 35]])
        # At most a tenth per side is lost, plus rounding of the window.
        assert (sizes / window_share >= 0.9 * original - 1.5).all()


def test_random_choice_draws_both_crops():
    np.random.seed(0)
    choice = RandomChoice(
        [
            [dict(type="mmpsearch.FocusedCrop", size=24)],
            [dict(type="mmpsearch.SafeCrop", size=48)],
        ]
    )
    boxes = [[10, 12, 30, 40]]
    sizes = {choice(make_results(60, 80, boxes))["img_shape"] for _ in range(20)}
    assert sizes == {(24, 24), (48, 48)}


def test_crop_pair_pads_and_draws_both_crops():
    np.random.seed(0)
    pair = RandomCropPair(size=40, pad_factor=3, pad_value=9)
    scales = set()
    for _ in range(30):
        results = make_results(60, 80, [[30, 20, 40, 40]])
        results["img"][:] = 200
        results = pair(results)
        assert results["img"].shape == (40, 40, 3)
        assert results["gt_person_ids"].tolist() == [0]
        scales.add(results["scale_factor"] == (1.0, 1.0))
        # Only the picture, the padding, and mixtures at their border.
        assert np.isin(results["img"], np.arange(9, 201)).all()
    assert scales == {True, False}
    focused = RandomCropPair(size=40, focused_prob=1.0)
    for _ in range(5):
        results = focused(make_results(60, 80, [[30, 20, 40, 40]]))
        assert results["scale_factor"] == (1.0, 1.0)

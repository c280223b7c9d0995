import numpy as np

from mmpsearch.datasets.transforms.window import (
    Window,
    apply_window,
    mirror_boxes,
    move_boxes,
    show_window,
    visible_boxes,
)

from .scene import make_results


def test_window_beyond_every_border_is_padded():
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    shown = show_window(image, Window.crop(-1, -2, 4, 3), pad_value=(7, 8, 9))
    assert shown.shape == (5, 5, 3)
    assert (shown[2:4, 1:3] == image).all()
    outside = np.ones((5, 5), bool)
    outside[2:4, 1:3] = False
    assert (shown[outside] == [7, 8, 9]).all()


def test_window_without_any_of_the_image():
    image = np.zeros((4, 4, 3), np.uint8)
    shown = show_window(image, Window(9, 0, 12, 3, 6, 6), pad_value=(7, 8, 9))
    assert shown.shape == (6, 6, 3) and (shown == [7, 8, 9]).all()


def test_crop_in_a_padded_image_is_one_window():
    image = make_results(20, 30)["img"]
    padded = Window.crop(-5, -6, 40, 30)
    crop = Window(2, 3, 33, 32, height=16, width=16)
    one_step = show_window(image, crop.within(padded), 50)
    two_steps = show_window(show_window(image, padded, 50), crop, 50)
    assert (one_step == two_steps).all()


def test_boxes_move_with_the_pixels():
    window = Window(10, 20, 30, 30, height=20, width=60)
    boxes = move_boxes(np.array([[10.0, 20, 30, 30], [15, 21, 16, 25]]), window)
    assert boxes.tolist() == [[0, 0, 60, 20], [15, 2, 18, 10]]
    # The same mapping moves a bright pixel into the moved box.
    image = np.zeros((40, 40, 3), np.uint8)
    image[21:25, 15] = 255
    rows, columns = np.nonzero(show_window(image, window, 0)[..., 0] > 200)
    assert columns.min() >= 15 and columns.max() < 18
    assert rows.min() >= 2 and rows.max() < 10


def test_visibility_threshold_is_inclusive():
    boxes = np.array([[-6.0, 0, 4, 10], [-6.1, 0, 3.9, 10], [20, 0, 30, 5]])
    clipped, keep = visible_boxes(boxes, (10, 20), 0.4)
    assert clipped[0].tolist() == [0, 0, 4, 10]
    assert keep.tolist() == [True, False, False]


def test_ids_follow_their_boxes_and_scales_multiply():
    results = make_results(
        boxes=[[0, 0, 10, 10], [40, 30, 60, 50]], queries=[[0, 0, 10, 10]]
    )
    results = apply_window(results, Window(20, 10, 60, 60, height=100, width=120))
    assert results["gt_person_ids"].tolist() == [1]
    assert results["gt_unique_ids"].tolist() == [101]
    assert results["gt_bboxes"].tolist() == [[60, 40, 120, 80]]
    assert results["scale_factor"] == (3.0, 2.0)
    # Queries are never dropped, so that every query gets its embedding.
    assert results["query_bboxes"].shape == (1, 4)
    results = apply_window(results, Window.resize((100, 120), (50, 60)))
    assert results["scale_factor"] == (1.5, 1.0)


def test_no_boxes():
    results = apply_window(make_results(), Window.crop(0, 0, 10, 10))
    assert results["gt_bboxes"].shape == (0, 4)
    assert results["gt_bboxes"].dtype == np.float32
    assert mirror_boxes(np.zeros((0, 4)), 10).shape == (0, 4)

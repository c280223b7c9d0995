import numpy as np
import pytest

from mmpsearch.apis.query_boxes import check_boxes
from mmpsearch.errors import QueryBoxError

WIDTH, HEIGHT = 100, 50


def test_boxes_are_cut_at_the_border():
    given = [[10, 20, 30, 40], [-5, -5, 3, 60], [99, 49, 200, 200]]
    boxes = check_boxes(given, WIDTH, HEIGHT)
    assert boxes.dtype == np.float32
    assert boxes.tolist() == [[10, 20, 30, 40], [0, 0, 3, 50], [99, 49, 100, 50]]
    assert check_boxes([1, 2, 3, 4], WIDTH, HEIGHT).tolist() == [[1, 2, 3, 4]]
    assert check_boxes([], WIDTH, HEIGHT).shape == (0, 4)


def test_what_was_given_is_not_changed():
    given = np.array([[-5, 0, 20, 20]], np.float32)
    check_boxes(given, WIDTH, HEIGHT)
    assert given[0, 0] == -5


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ([1, 2, 3], "must be four finite numbers"),
        ([[1, 2, 3, 4, 5]], "must be four finite numbers"),
        ([1, 2, 3, float("nan")], "must be four finite numbers"),
        ([1, 2, 3, float("inf")], "must be four finite numbers"),
        ([[[1, 2, 3, 4]]], "must be four finite numbers"),
        ([[1, 2, 3, 4], [1, 2]], "must be x1 y1 x2 y2"),
        (["a", "b", "c", "d"], "must be x1 y1 x2 y2"),
        ([60, 10, 20, 30], r"60 10 20 30 is empty: .*not x y width height"),
        ([20, 10, 20, 30], "is empty"),
        ([0.1, 0.2, 0.4, 0.8], r"shares of its sides\?\) is smaller than a pixel"),
        ([10, 10, 10.5, 30], r"10 10 10.5 30 is smaller than a pixel: .* 100 x 50"),
        ([100, 10, 130, 30], "lies outside the picture, which is 100 x 50"),
        ([-20, 10, 0.5, 30], "lies outside the picture"),
        ([10, 60, 20, 70], "lies outside the picture"),
    ],
)
def test_what_is_wrong_is_said(box, words):
    with pytest.raises(QueryBoxError, match=words):
        check_boxes(box, WIDTH, HEIGHT)


def test_one_wrong_box_among_good_ones_is_named():
    with pytest.raises(QueryBoxError, match="box 5 5 1 9 is empty"):
        check_boxes([[0, 0, 9, 9], [5, 5, 1, 9]], WIDTH, HEIGHT)

import numpy as np
import pytest

from mmpsearch.evaluation.functional import (
    match_boxes,
    paired_iou,
    relaxed_iou_threshold,
)

RULES = ("one_to_one", "row_and_column_maximum")


def match(boxes, gt_boxes, rule="one_to_one", **kwargs):
    """Pairs in a single image."""
    boxes = np.array(boxes, float).reshape(-1, 4)
    gt_boxes = np.array(gt_boxes, float).reshape(-1, 4)
    offsets, gt_offsets = [0, len(boxes)], [0, len(gt_boxes)]
    return match_boxes(
        boxes, np.array(offsets), gt_boxes, np.array(gt_offsets), rule=rule, **kwargs
    ).tolist()


def test_paired_iou_by_hand():
    a = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 4, 4], [0, 0, 1, 1]])
    b = np.array([[5, 0, 15, 10], [0, 0, 10, 10], [4, 4, 8, 8], [7, 7, 9, 9]])
    assert paired_iou(a, b).tolist() == [50 / 150, 1, 0, 0]


def test_boxes_without_area_do_not_overlap():
    point = np.array([[3, 3, 3, 3]])
    assert paired_iou(point, point).tolist() == [0]


def test_relaxed_threshold_by_hand():
    boxes = np.array([[0, 0, 100, 200], [5, 5, 15, 25], [0, 0, 10, 10]])
    expected = [0.5, 10 * 20 / (20 * 30), 10 * 10 / (20 * 20)]
    assert relaxed_iou_threshold(boxes).tolist() == expected


@pytest.mark.parametrize("rule", RULES)
def test_best_of_two_detections_wins(rule):
    truth = [[0, 0, 100, 100]]
    found = [[0, 0, 100, 80], [0, 0, 100, 90]]
    assert match(found, truth, rule) == [[1, 0]]


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_handed_on(rule):
    # both detections prefer ground truth 0, so 1 stays alone though it overlaps
    truth = [[0, 0, 100, 100], [0, 20, 100, 120]]
    found = [[0, 0, 100, 100], [0, 5, 100, 105]]
    assert match(found, truth, rule) == [[0, 0]]


@pytest.mark.parametrize("rule", RULES)
def test_threshold_is_inclusive(rule):
    assert match([[0, 0, 10, 5]], [[0, 0, 10, 10]], rule) == [[0, 0]]
    assert match([[0, 0, 10, 4.99]], [[0, 0, 10, 10]], rule) == []
    assert match([[0, 0, 10, 5]], [[0, 0, 10, 10]], rule, iou_threshold=0.6) == []


def test_rules_differ_on_equal_overlaps():
    truth = [[0, 0, 10, 10]]
    twice = [[0, 0, 10, 9], [0, 1, 10, 10]]
    assert match(twice, truth, "one_to_one") == [[0, 0]]
    assert match(twice, truth, "row_and_column_maximum") == [[0, 0], [1, 0]]


@pytest.mark.parametrize("rule", RULES)
def test_images_are_separate(rule):
    boxes = np.array([[0, 0, 9, 9], [0, 0, 10, 10]], float)
    truth = np.array([[0, 0, 10, 10], [0, 0, 10, 10]], float)
    pairs = match_boxes(
        boxes, np.array([0, 1, 1, 2]), truth, np.array([0, 1, 1, 2]), rule=rule
    )
    assert pairs.tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize("rule", RULES)
def test_nothing_to_match(rule):
    assert match([], [[0, 0, 10, 10]], rule) == []
    assert match([[0, 0, 10, 10]], [], rule) == []
    assert match([], [], rule) == []


def test_unknown_rule_is_named():
    with pytest.raises(ValueError, match="greedy.*one_to_one"):
        match([], [], "greedy")

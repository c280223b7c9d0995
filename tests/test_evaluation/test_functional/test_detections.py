import numpy as np
import pytest

from mmpsearch.evaluation.functional import Detections
from tests.test_evaluation.search_cases import box_at, make_protocol


def three_images():
    return Detections.from_images(
        [np.array([box_at(0), box_at(1)]), [], np.array([box_at(2)])],
        [np.array([0.7, 0.4], np.float32), [], np.array([0.9], np.float32)],
        [np.eye(2, 3), np.zeros((0, 3)), np.ones((1, 3))],
    )


def test_from_images_is_flat():
    detections = three_images()
    assert detections.offsets.tolist() == [0, 2, 2, 3]
    assert detections.images.tolist() == [0, 0, 2]
    assert detections.counts.tolist() == [2, 0, 1]
    assert detections.boxes[2].tolist() == box_at(2)
    assert detections.embeddings.shape == (3, 3)


def test_above_keeps_images():
    kept = three_images().above(0.5)
    assert kept.offsets.tolist() == [0, 1, 1, 2]
    assert kept.embeddings.tolist() == [[1, 0, 0], [1, 1, 1]]
    assert three_images().above(0.95).offsets.tolist() == [0, 0, 0, 0]


def test_threshold_itself_is_kept_in_float32():
    assert three_images().above(0.7).offsets.tolist() == [0, 1, 1, 2]


def test_nothing_dropped_nothing_copied():
    detections = three_images()
    assert detections.above(0.1) is detections


def test_no_detection_anywhere():
    empty = Detections.from_images([[], []], [[], []], [[], []])
    assert empty.num_images == 2
    assert empty.boxes.shape == (0, 4)


def test_from_ground_truth():
    protocol = make_protocol([[(box_at(0), 1)], [], [(box_at(3), -1)]], [(0, 0)])
    truth = Detections.from_ground_truth(protocol)
    assert truth.offsets.tolist() == [0, 1, 1, 2]
    assert truth.scores.tolist() == [1, 1]


@pytest.mark.parametrize(
    "change, named",
    [
        (dict(boxes=np.zeros((2, 4))), "boxes"),
        (dict(offsets=np.array([0, 2])), "offsets"),
        (dict(embeddings=np.zeros((4, 2))), "embeddings"),
    ],
)
def test_arrays_that_do_not_fit(change, named):
    arrays = dict(boxes=np.zeros((3, 4)), scores=np.ones(3), offsets=np.array([0, 3]))
    with pytest.raises(ValueError, match=named):
        Detections(**{**arrays, **change})

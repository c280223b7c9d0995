"""Every layout, with one person whose box was worked out by hand."""

import numpy as np
import pytest

from mmpsearch.apis.detectors.layouts import grid_cells, read_people, recognise

SIZE = (64, 96)  # 8 x 12, 4 x 6 and 2 x 3 cells
CELLS = 96 + 24 + 6
BOX = [40, 16, 56, 48]  # centre 48, 32, size 16 x 32
RANDOM = np.random.default_rng(0)


def rows(count, classes=3):
    """No people: objectness and classes are 0, boxes lie anywhere."""
    found = np.zeros((1, count, 5 + classes), np.float32)
    found[..., :4] = RANDOM.uniform(-0.5, 0.5, (1, count, 4))
    return found


def raw_yolox():
    found = rows(CELLS)
    # stride 16, cell x 2, y 1: (2 + 1) 16 = 48, (1 + 1) 16 = 32
    found[0, 96 + 6 + 2] = [1, 1, np.log(1), np.log(2), 0.8, 0.5, 0.9, 0]
    return {"output": found}


def decoded_yolox():
    found = rows(CELLS)
    cells, strides = grid_cells(SIZE)
    found[0, :, :2] = (cells + 0.5) * strides
    found[0, 7] = [48, 32, 16, 32, 0.8, 0.5, 0.9, 0]
    return {"output": found}


def yolov5():
    found = rows(3 * CELLS)
    found[0, 7] = [48, 32, 16, 32, 0.8, 0.5, 0.9, 0]
    return {"output": found}


def yolov8():
    found = np.zeros((1, 7, CELLS), np.float32)
    found[0, :, 7] = [48, 32, 16, 32, 0.4, 0.9, 0]
    return {"output0": found}


def end_to_end():
    found = np.zeros((1, 300, 6), np.float32)
    found[..., 5] = 2
    found[0, 0] = [*BOX, 0.4, 0]
    return {"output0": found}


def detection_output():
    found = np.zeros((1, 1, 200, 7), np.float32)
    found[..., 0] = -1
    found[0, 0, 0] = [0, 1, 0.4, 40 / 96, 16 / 64, 56 / 96, 48 / 64]
    found[0, 0, 1] = [0, 2, 0.9, 0, 0, 1, 1]
    return {"detection_out": found}


def boxes_and_labels():
    boxes = np.array([[*BOX, 0.4], [0, 0, 9, 9, 0.9]], np.float32)
    return {"labels": np.array([0, 3]), "dets": boxes}


def boxes_scores_labels():
    boxes = np.array([[0, 0, 9, 9], BOX], np.float32)
    return {
        "boxes": boxes,
        "labels": np.array([3, 1]),
        "scores": np.array([0.9, 0.4], np.float32),
    }


MAKERS = {
    "yolox": raw_yolox,
    "yolox_decoded": decoded_yolox,
    "yolov5": yolov5,
    "yolov8": yolov8,
    "end_to_end": end_to_end,
    "detection_output": detection_output,
    "boxes_and_labels": boxes_and_labels,
    "boxes_scores_labels": boxes_scores_labels,
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_layout_is_recognised_and_read(name):
    outputs = MAKERS[name]()
    assert recognise(outputs, SIZE) == name
    person = 1 if name in ("detection_output", "boxes_scores_labels") else 0
    boxes, scores = read_people(outputs, name, SIZE, person)
    likely = scores > 0.1
    np.testing.assert_allclose(boxes[likely], [BOX], atol=1e-4)
    np.testing.assert_allclose(scores[likely], [0.4], atol=1e-6)
    assert boxes.dtype == scores.dtype == np.float32


def test_names_tell_floating_scores_and_labels_apart():
    found = boxes_scores_labels()
    found["labels"] = found["labels"].astype(np.float32)
    assert recognise(found, SIZE) == "boxes_scores_labels"
    boxes, scores = read_people(found, "boxes_scores_labels", SIZE, 1)
    np.testing.assert_allclose(boxes, [BOX])
    np.testing.assert_allclose(scores, [0.4])


@pytest.mark.parametrize(
    "shape", [(1, 3549, 85), (1, 256), (1, 255, 8, 8), (2, 4, 126)]
)
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="of no known layout"):
        recognise({"y": np.zeros(shape, np.float32)}, SIZE)

"""The forms in which exported detectors write boxes: recognised, then read.

| name | outputs | boxes |
|---|---|---|
| ``yolox`` | (1, A, 5 + C) | offsets to the cells of three grids, log sizes |
| ``yolox_decoded`` | (1, A, 5 + C) | centre and size in input pixels |
| ``yolov5`` | (1, 3 A, 5 + C) | the same, of three anchors a cell |
| ``yolov8`` | (1, 4 + C, A) | the same, without objectness |
| ``end_to_end`` | (1, N, 6) | corners, score, label; suppression is included |
| ``detection_output`` | (1, 1, N, 7) | picture, label, score, corners in 0..1 |
| ``boxes_and_labels`` | (N, 5) and (N,) | corners and score; labels |
| ``boxes_scores_labels`` | (N, 4), (N,), (N,) | corners; scores; labels |

A is the number of cells of the grids of strides 8, 16 and 32, or others. Leading ones
are left out or not, as the exporter liked it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

STRIDES = (8, 16, 32)
# names that a network's outputs have, for three arrays whose shapes tell too little
WORDS = {
    "boxes": ("box", "det"),
    "scores": ("score", "conf"),
    "labels": ("label", "cls", "class"),
}
Outputs = Mapping[str, np.ndarray]


def grid_cells(
    size: tuple[int, int], strides: Sequence[int] = STRIDES
) -> tuple[np.ndarray, np.ndarray]:
    """Cells of the grids, row by row, in the order of their strides.

    Args:
        size: (height, width) of the input.
        strides: Input pixels per cell.

    Returns:
        (A, 2) x, y of every cell in units of its stride, and (A, 1) strides.
    """
    cells, each = [], []
    for stride in strides:
        rows, columns = size[0] // stride, size[1] // stride
        y, x = np.mgrid[:rows, :columns]
        cells.append(np.stack([x.ravel(), y.ravel()], axis=1))
        each.append(np.full((rows * columns, 1), stride))
    return np.concatenate(cells), np.concatenate(each)


def recognise(
    outputs: Outputs, size: tuple[int, int], strides: Sequence[int] = STRIDES
) -> str:
    """The layout's name.

    Args:
        outputs: Of the network, for one picture.
        size: (height, width) of the network's input.
        strides: Of its grids, if it has any.

    Raises:
        ValueError: It is none of the table's.
    """
    arrays = list(outputs.values())
    if len(arrays) == 1:
        name = _recognise_one(arrays[0], size, strides)
    elif len(arrays) == 2:
        last = sorted(array.shape[-1] for array in arrays if array.ndim > 1)
        name = "boxes_and_labels" if 5 in last else None
    else:
        name = "boxes_scores_labels" if _sort_three(outputs) else None
    if name is None:
        shapes = ", ".join(f"{k} {tuple(v.shape)}" for k, v in outputs.items())
        raise ValueError(f"the outputs ({shapes}) are of no known layout")
    return name


def _recognise_one(
    array: np.ndarray, size: tuple[int, int], strides: Sequence[int]
) -> str | None:
    if array.ndim == 4 and array.shape[-1] == 7:
        return "detection_output"
    if array.ndim != 3 or array.shape[0] != 1:
        return None
    cells, each = grid_cells(size, strides)
    rows, columns = array.shape[1:]
    if rows == len(cells) and columns > 5:
        spread = array[0, :, :2].std(axis=0).min()
        if spread == 0:
            return "yolox"
        centres = (cells + 0.5) * each
        related = min(
            np.corrcoef(array[0, :, i], centres[:, i])[0, 1] for i in range(2)
        )
        return "yolox_decoded" if related > 0.9 else "yolox"
    if rows == 3 * len(cells) and columns > 5:
        return "yolov5"
    if columns == len(cells) and rows > 4:
        return "yolov8"
    if columns == 6:
        return "end_to_end"
    return None


def read_people(
    outputs: Outputs,
    layout: str,
    size: tuple[int, int],
    person: int,
    strides: Sequence[int] = STRIDES,
) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores of one class, before any suppression of ours.

    Args:
        outputs: Of the network, for one picture.
        layout: One of the table's names.
        size: (height, width) of the network's input.
        person: Number of the class.
        strides: Of the grids of ``yolox``.

    Returns:
        Boxes (N, 4) float32 xyxy in input pixels, scores (N,) float32.
    """
    first = next(iter(outputs.values()))
    if layout in ("yolox", "yolox_decoded", "yolov5"):
        rows = first[0].astype(np.float32)
        scores = rows[:, 4] * rows[:, 5 + person]
        if layout == "yolox":
            rows = _decode(rows, size, strides)
        return _corners(rows), scores
    if layout == "yolov8":
        rows = first[0].T.astype(np.float32)
        return _corners(rows), rows[:, 4 + person]
    if layout == "end_to_end":
        rows = first.reshape(-1, 6).astype(np.float32)
        rows = rows[rows[:, 5] == person]
        return rows[:, :4], rows[:, 4]
    if layout == "detection_output":
        rows = first.reshape(-1, 7).astype(np.float32)
        end = np.flatnonzero(rows[:, 0] < 0)  # a row of -1 ends the list
        rows = rows[: end[0]] if len(end) else rows
        rows = rows[rows[:, 1] == person]
        return rows[:, 3:] * np.tile(size[::-1], 2).astype(np.float32), rows[:, 2]
    if layout == "boxes_and_labels":
        boxes, labels = outputs.values()
        if boxes.ndim < 2 or boxes.shape[-1] != 5:
            boxes, labels = labels, boxes
        rows = boxes.reshape(-1, 5).astype(np.float32)
        rows = rows[labels.reshape(-1) == person]
        return rows[:, :4], rows[:, 4]
    boxes, scores, labels = _sort_three(outputs)
    wanted = labels.reshape(-1) == person
    boxes = boxes.reshape(-1, 4).astype(np.float32)
    return boxes[wanted], scores.reshape(-1)[wanted].astype(np.float32)


def _decode(
    rows: np.ndarray, size: tuple[int, int], strides: Sequence[int]
) -> np.ndarray:
    """Offsets (A, 2) and log sizes (A, 2) -> centres and sizes in input pixels."""
    cells, each = grid_cells(size, strides)
    with np.errstate(over="ignore"):
        sizes = np.exp(rows[:, 2:4]) * each
    return np.concatenate([(rows[:, :2] + cells) * each, sizes], axis=1)


def _corners(rows: np.ndarray) -> np.ndarray:
    """(N, 4+) centre x, y, width, height -> (N, 4) float32 xyxy."""
    half = rows[:, 2:4] / 2
    return np.concatenate([rows[:, :2] - half, rows[:, :2] + half], 1).astype(
        np.float32
    )


def _sort_three(outputs: Outputs) -> tuple[np.ndarray, ...] | None:
    """Boxes, scores and labels by shape and type, or by name; None: not to be told."""
    boxes = [k for k, v in outputs.items() if v.ndim >= 2 and v.shape[-1] == 4]
    others = [k for k in outputs if k not in boxes]
    if len(boxes) != 1 or len(others) < 2:
        return None
    count = outputs[boxes[0]].size // 4
    others = [k for k in others if outputs[k].size == count]
    labels = [k for k in others if outputs[k].dtype.kind in "iu"]
    scores = [k for k in others if outputs[k].dtype.kind == "f"]
    if len(labels) != 1 or len(scores) != 1:
        labels, scores = (
            [k for k in others if any(word in k.lower() for word in WORDS[kind])]
            for kind in ("labels", "scores")
        )
    if len(labels) != 1 or len(scores) != 1:
        return None
    return outputs[boxes[0]], outputs[scores[0]], outputs[labels[0]]

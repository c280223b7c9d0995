"""Which detection belongs to which ground-truth box."""

from typing import Literal

import numpy as np

from mmpsearch.evaluation.functional.ragged import expand_ranges

MatchRule = Literal["one_to_one", "row_and_column_maximum"]


def paired_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of (P, 4) xyxy boxes, row by row.

    Returns:
        (P,) float64; 0 where the union has no area.
    """
    boxes = np.asarray(boxes, dtype=np.float64)
    others = np.asarray(others, dtype=np.float64)
    low = np.maximum(boxes[:, :2], others[:, :2])
    high = np.minimum(boxes[:, 2:], others[:, 2:])
    overlap = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    union = area + np.prod(others[:, 2:] - others[:, :2], axis=1) - overlap
    return np.divide(overlap, union, out=np.zeros_like(union), where=union > 0)


def relaxed_iou_threshold(boxes: np.ndarray) -> np.ndarray:
    """IoU a detection of a person must reach: ``min(0.5, wh / ((w+10)(h+10)))``.

    Small boxes are given a margin of 5 pixels on every side. From the protocol of
    CUHK-SYSU (Xiao et al., CVPR 2017), used for PRW as well.

    Args:
        boxes: (P, 4) xyxy ground-truth boxes in pixels of the original image.

    Returns:
        (P,) float64 in [0, 0.5].
    """
    size = np.asarray(boxes, dtype=np.float64)
    width, height = (size[:, 2:] - size[:, :2]).T
    return np.minimum(0.5, width * height / ((width + 10) * (height + 10)))


def match_boxes(
    boxes: np.ndarray,
    offsets: np.ndarray,
    gt_boxes: np.ndarray,
    gt_offsets: np.ndarray,
    iou_threshold: float = 0.5,
    rule: MatchRule = "one_to_one",
) -> np.ndarray:
    """Match the detections of every image with its ground-truth boxes.

    A detection and a ground-truth box match when each is the other's best overlap
    of all boxes in the image and their IoU reaches the threshold. Nothing is
    handed on: a box whose best partner prefers another stays unmatched. The two
    rules differ where overlaps are exactly equal:

    * ``"one_to_one"`` (the evaluator of SeqNet and its relatives): the first in
      order wins, so every box has one partner at most;
    * ``"row_and_column_maximum"`` (the evaluator of SPNet): all of them match, so a
      ground-truth box can have several matches.

    Args:
        boxes: (N, 4) xyxy detections of all images.
        offsets: (I + 1,) their ranges per image.
        gt_boxes: (G, 4) xyxy ground-truth boxes, same pixels.
        gt_offsets: (I + 1,) their ranges per image.
        iou_threshold: Lowest IoU of a match.
        rule: See above.

    Returns:
        (M, 2) int64 pairs (detection, ground truth), ordered by detection.
    """
    if rule not in ("one_to_one", "row_and_column_maximum"):
        raise ValueError(
            f"unknown matching rule {rule!r}: use 'one_to_one' or "
            f"'row_and_column_maximum'"
        )
    image = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    gts, detections = expand_ranges(gt_offsets[image], np.diff(gt_offsets)[image])
    # the public evaluators keep IoUs as float32, which decides what counts as equal
    iou = paired_iou(boxes[detections], gt_boxes[gts]).astype(np.float32)
    order = np.argsort(-iou, kind="stable")
    if rule == "one_to_one":
        best_of_detection = _first_in_order(detections, order)
        best_of_gt = _first_in_order(gts, order)
    else:
        best_of_detection = iou == _group_maximum(iou, detections, len(boxes))
        best_of_gt = iou == _group_maximum(iou, gts, len(gt_boxes))
    matched = best_of_detection & best_of_gt & (iou >= iou_threshold)
    return np.stack([detections[matched], gts[matched]], axis=1)


def _first_in_order(groups: np.ndarray, order: np.ndarray) -> np.ndarray:
    mask = np.zeros(len(groups), dtype=bool)
    mask[order[np.unique(groups[order], return_index=True)[1]]] = True
    return mask


def _group_maximum(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    maximum = np.zeros(count, dtype=values.dtype)
    np.maximum.at(maximum, groups, values)
    return maximum[groups]

"""Person detection: recall and average precision, from arrays."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.matching import MatchRule, match_boxes
from mmpsearch.evaluation.functional.ragged import expand_ranges, offsets_from_counts
from mmpsearch.evaluation.functional.ranking import average_precision

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol


def detection_metrics(
    protocol: "SearchProtocol",
    detections: Detections,
    *,
    score_threshold: float = 0.5,
    iou_threshold: float = 0.5,
    labelled_only: bool = False,
    rule: MatchRule = "one_to_one",
) -> dict[str, Any]:
    """Recall and AP of person detection as person-search papers report them.

    AP is the average precision of the pooled detections times the recall, so that
    missed people lower it. There are no ignore regions.

    Args:
        protocol: Images and ground truth.
        detections: Detections of all images of the protocol.
        score_threshold: Detections below it are ignored.
        iou_threshold: Lowest overlap of a match.
        labelled_only: Only people with an identity count. Detections of the others
            are then wrong; images without labelled people are left out with all
            their detections.
        rule: How equal overlaps are treated, see :func:`match_boxes`:
            ``"one_to_one"`` (SeqNet and relatives) or
            ``"row_and_column_maximum"`` (SPNet). Without equal overlaps the two
            give the same numbers.

    Returns:
        ``recall``, ``ap`` and ``precision`` as floats in [0, 1] (0 without people
        or detections; above 1 is possible only by the second rule with identical
        boxes), and the counts ``num_gt``, ``num_detections``, ``num_matched``.
    """
    if detections.num_images != len(protocol.image_keys):
        raise ValueError(
            f"protocol {protocol.name!r} has {len(protocol.image_keys)} images, but "
            f"there are detections of {detections.num_images}"
        )
    detections = detections.above(score_threshold)
    gt_boxes, gt_offsets = np.asarray(protocol.gt_boxes), protocol.gt_offsets
    if labelled_only:
        labelled = np.asarray(protocol.gt_person_ids) >= 0
        gt_offsets = offsets_from_counts(labelled)[gt_offsets]
        gt_boxes = gt_boxes[labelled]
        detections = _only_images(detections, np.diff(gt_offsets) > 0)
    pairs = match_boxes(
        detections.boxes, detections.offsets, gt_boxes, gt_offsets, iou_threshold, rule
    )
    return pooled_metrics(detections.scores, pairs, len(gt_boxes))


def pooled_metrics(
    scores: np.ndarray, pairs: np.ndarray, num_gt: int
) -> dict[str, Any]:
    """Recall, precision and AP x recall from matched pairs.

    Args:
        scores: (N,) scores of all detections.
        pairs: (M, 2) matched (detection, ground truth).
        num_gt: Number of ground-truth boxes.
    """
    correct = np.zeros(len(scores), dtype=bool)
    correct[pairs[:, 0]] = True
    recall = len(pairs) / num_gt if num_gt else 0.0
    return {
        "recall": recall,
        "ap": average_precision(correct, scores) * recall,
        "precision": len(pairs) / len(scores) if len(scores) else 0.0,
        "num_gt": int(num_gt),
        "num_detections": len(scores),
        "num_matched": len(pairs),
    }


def _only_images(detections: Detections, keep: np.ndarray) -> Detections:
    """The detections of some images; the others become empty."""
    counts = np.where(keep, detections.counts, 0)
    rows, _ = expand_ranges(detections.offsets[:-1], counts)
    return Detections(
        boxes=detections.boxes[rows],
        scores=detections.scores[rows],
        offsets=offsets_from_counts(counts),
    )

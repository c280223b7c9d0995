"""Limits of SPNet's inference."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SearchSettings:
    """Limits of inference, as published.

    Attributes:
        max_anchors: anchors per image that are decoded (object-centric).
        max_anchors_per_query: anchors per image and query (query-centric).
        score_threshold: a box needs a larger first-stage score.
        max_boxes: boxes per image before and after non-maximum suppression.
        nms_iou: boxes that overlap more are suppressed.
        queries_at_once: queries whose anchor norms are computed together; one takes
            four bytes per anchor, 1 MiB in an image of 900 x 1500 pixels.
        boxes_at_once: boxes found for queries that are embedded together; one takes
            about 1 MiB.
    """

    max_anchors: int = 1000
    max_anchors_per_query: int = 100
    score_threshold: float = 0.5
    max_boxes: int = 300
    nms_iou: float = 0.5
    queries_at_once: int = 32
    boxes_at_once: int = 512

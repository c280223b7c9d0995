"""Metrics as pure functions on NumPy arrays; no runner, no models."""

from .cbgm import QueryContext
from .detection import detection_metrics
from .detections import Detections
from .gallery import ListedGallery, WholeGallery, default_gallery
from .matching import match_boxes, paired_iou, relaxed_iou_threshold
from .person_search import person_search_metrics
from .query_centric import (
    PairDetections,
    query_centric_detection_metrics,
    query_centric_search_metrics,
)
from .query_results import QueryResults, per_camera_summary
from .ranking import average_precision

__all__ = [
    "Detections",
    "ListedGallery",
    "PairDetections",
    "QueryContext",
    "QueryResults",
    "WholeGallery",
    "average_precision",
    "default_gallery",
    "detection_metrics",
    "match_boxes",
    "paired_iou",
    "per_camera_summary",
    "person_search_metrics",
    "query_centric_detection_metrics",
    "query_centric_search_metrics",
    "relaxed_iou_threshold",
]

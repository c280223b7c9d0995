"""Metrics as pure functions on NumPy arrays; no runner, no models."""

from .cbgm import QueryContext
from .cross_modality import mean_over_trials, sysu_mm01_metrics
from .cross_modality_galleries import matlab_galleries, python_galleries
from .cuhk03 import cuhk03_metrics
from .detection import detection_metrics
from .detections import Detections
from .distance_rows import DistanceRows
from .gallery import ListedGallery, WholeGallery, default_gallery
from .matching import match_boxes, paired_iou, relaxed_iou_threshold
from .permutations import assign_permutations, permutation_accuracy
from .person_search import person_search_metrics
from .query_centric import (
    PairDetections,
    query_centric_detection_metrics,
    query_centric_search_metrics,
)
from .query_expansion import average_query_expansion
from .query_results import QueryResults, per_camera_summary
from .rank import RankMetrics, rank_metrics
from .ranking import average_precision
from .re_ranking import ReRankedRows, re_ranking, re_ranking_from_embeddings
from .threshold import SamePersonThreshold, same_person_threshold

__all__ = [
    "Detections",
    "DistanceRows",
    "ListedGallery",
    "PairDetections",
    "QueryContext",
    "QueryResults",
    "RankMetrics",
    "ReRankedRows",
    "SamePersonThreshold",
    "WholeGallery",
    "average_precision",
    "average_query_expansion",
    "cuhk03_metrics",
    "default_gallery",
    "detection_metrics",
    "matlab_galleries",
    "match_boxes",
    "mean_over_trials",
    "paired_iou",
    "per_camera_summary",
    "person_search_metrics",
    "python_galleries",
    "query_centric_detection_metrics",
    "query_centric_search_metrics",
    "rank_metrics",
    "re_ranking",
    "re_ranking_from_embeddings",
    "relaxed_iou_threshold",
    "same_person_threshold",
    "sysu_mm01_metrics",
    "assign_permutations",
    "permutation_accuracy",
]

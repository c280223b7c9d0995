"""Metrics as pure functions on NumPy arrays; no runner, no models."""

from mmpsearch.evaluation.functional.cbgm import QueryContext
from mmpsearch.evaluation.functional.cross_modality import (
    mean_over_trials,
    sysu_mm01_metrics,
)
from mmpsearch.evaluation.functional.cross_modality_galleries import (
    matlab_galleries,
    python_galleries,
)
from mmpsearch.evaluation.functional.cuhk03 import cuhk03_metrics
from mmpsearch.evaluation.functional.detection import detection_metrics
from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.distance_rows import DistanceRows
from mmpsearch.evaluation.functional.gallery import (
    ListedGallery,
    WholeGallery,
    default_gallery,
)
from mmpsearch.evaluation.functional.matching import (
    match_boxes,
    paired_iou,
    relaxed_iou_threshold,
)
from mmpsearch.evaluation.functional.permutations import (
    assign_permutations,
    permutation_accuracy,
)
from mmpsearch.evaluation.functional.person_search import person_search_metrics
from mmpsearch.evaluation.functional.query_centric import (
    PairDetections,
    query_centric_detection_metrics,
    query_centric_search_metrics,
)
from mmpsearch.evaluation.functional.query_expansion import average_query_expansion
from mmpsearch.evaluation.functional.query_results import (
    QueryResults,
    per_camera_summary,
)
from mmpsearch.evaluation.functional.rank import RankMetrics, rank_metrics
from mmpsearch.evaluation.functional.ranking import average_precision
from mmpsearch.evaluation.functional.re_ranking import (
    ReRankedRows,
    re_ranking,
    re_ranking_from_embeddings,
)
from mmpsearch.evaluation.functional.threshold import (
    SamePersonThreshold,
    same_person_threshold,
)

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

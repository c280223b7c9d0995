"""Metrics for MMEngine's evaluator, thin wrappers around the functions."""

from .permutation_accuracy import PermutationAccuracy
from .person_search_metric import PersonSearchMetric
from .regdb_metric import RegDBMetric
from .reid_metric import ReIDMetric
from .search_outputs import SearchOutputs
from .sysu_mm01_metric import SYSUMM01Metric

__all__ = [
    "PermutationAccuracy",
    "PersonSearchMetric",
    "ReIDMetric",
    "RegDBMetric",
    "SYSUMM01Metric",
    "SearchOutputs",
]

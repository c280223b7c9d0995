"""Metrics for MMEngine's evaluator, thin wrappers around the functions."""

from mmpsearch.evaluation.metrics.dump_predictions import DumpPredictions
from mmpsearch.evaluation.metrics.feature_probe_metric import FeatureProbeMetric
from mmpsearch.evaluation.metrics.permutation_accuracy import PermutationAccuracy
from mmpsearch.evaluation.metrics.person_search_metric import PersonSearchMetric
from mmpsearch.evaluation.metrics.regdb_metric import RegDBMetric
from mmpsearch.evaluation.metrics.reid_metric import ReIDMetric
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.evaluation.metrics.sysu_mm01_metric import SYSUMM01Metric

__all__ = [
    "DumpPredictions",
    "FeatureProbeMetric",
    "PermutationAccuracy",
    "PersonSearchMetric",
    "ReIDMetric",
    "RegDBMetric",
    "SYSUMM01Metric",
    "SearchOutputs",
]

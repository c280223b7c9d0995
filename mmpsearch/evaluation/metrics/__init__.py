"""Metrics for MMEngine's evaluator, thin wrappers around the functions."""

from .permutation_accuracy import PermutationAccuracy
from .person_search_metric import PersonSearchMetric
from .reid_metric import ReIDMetric
from .search_outputs import SearchOutputs

__all__ = ["PersonSearchMetric", "ReIDMetric", "SearchOutputs", "PermutationAccuracy"]

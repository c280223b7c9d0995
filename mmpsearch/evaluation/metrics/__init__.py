"""Metrics for MMEngine's evaluator, thin wrappers around the functions."""

from .reid_metric import ReIDMetric

__all__ = ["ReIDMetric"]

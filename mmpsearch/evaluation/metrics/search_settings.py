"""How a config's test searches, for tools that search its outputs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmpsearch.evaluation.functional.gallery import gallery_of
from mmpsearch.structures import SearchProtocol


def search_settings(
    evaluators: Mapping | Sequence[Mapping] | None, protocol: SearchProtocol
) -> dict[str, Any]:
    """Keyword arguments of ``person_search_metrics``, as ``PersonSearchMetric`` gives.

    Context matching and scene filters are not among them: they need what a model's
    saved outputs do not hold.

    Args:
        evaluators: a config's ``test_evaluator``.
        protocol: of its test set.

    Returns:
        ``gallery``, ``score_threshold`` and ``confidence_weighted``.
    """
    each = [evaluators] if isinstance(evaluators, Mapping) else evaluators or []
    metric = next((one for one in each if "PersonSearchMetric" in str(one["type"])), {})
    return dict(
        gallery=gallery_of(
            protocol, metric.get("gallery", "protocol"), metric.get("cameras", "all")
        ),
        score_threshold=metric.get("score_threshold", 0.5),
        confidence_weighted=metric.get("confidence_weighted", False),
    )

"""Loops that MMEngine lacks."""

from mmpsearch.engine.loops.feature_probe_loops import (
    FeatureProbeTestLoop,
    FeatureProbeValLoop,
)
from mmpsearch.engine.loops.query_centric_loops import (
    QueryCentricTestLoop,
    QueryCentricValLoop,
)

__all__ = [
    "FeatureProbeTestLoop",
    "FeatureProbeValLoop",
    "QueryCentricTestLoop",
    "QueryCentricValLoop",
]

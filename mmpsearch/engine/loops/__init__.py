"""Loops that MMEngine lacks."""

from mmpsearch.engine.loops.query_centric_loops import (
    QueryCentricTestLoop,
    QueryCentricValLoop,
)

__all__ = ["QueryCentricTestLoop", "QueryCentricValLoop"]

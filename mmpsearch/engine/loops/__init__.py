"""Loops that MMEngine lacks."""

from .query_centric_loops import QueryCentricTestLoop, QueryCentricValLoop

__all__ = ["QueryCentricTestLoop", "QueryCentricValLoop"]

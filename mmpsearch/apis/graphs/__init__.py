"""Exported networks: one file that takes arrays and gives arrays."""

from mmpsearch.apis.graphs.graph import Graph, GraphTensor
from mmpsearch.apis.graphs.loading import (
    BACKENDS,
    GRAPH_SUFFIXES,
    is_graph,
    load_graph,
)

__all__ = [
    "BACKENDS",
    "GRAPH_SUFFIXES",
    "Graph",
    "GraphTensor",
    "is_graph",
    "load_graph",
]

"""Models as files of ONNX and OpenVINO."""

from mmpsearch.apis.export.reid import EmbeddingGraph, export_onnx, export_openvino
from mmpsearch.apis.export.search import PRECISIONS, export_search
from mmpsearch.apis.export.search_graph import SearchGraph

__all__ = [
    "PRECISIONS",
    "EmbeddingGraph",
    "SearchGraph",
    "export_onnx",
    "export_openvino",
    "export_search",
]

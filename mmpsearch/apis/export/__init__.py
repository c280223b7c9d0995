"""Models as files of ONNX and OpenVINO."""

from mmpsearch.apis.export.calibration import calibration_pictures
from mmpsearch.apis.export.finishing import PRECISIONS
from mmpsearch.apis.export.reid import EmbeddingGraph, export_onnx, export_openvino
from mmpsearch.apis.export.search import export_search
from mmpsearch.apis.export.search_graph import SearchGraph
from mmpsearch.apis.export.two_step import export_two_step

__all__ = [
    "PRECISIONS",
    "EmbeddingGraph",
    "SearchGraph",
    "calibration_pictures",
    "export_onnx",
    "export_openvino",
    "export_search",
    "export_two_step",
]

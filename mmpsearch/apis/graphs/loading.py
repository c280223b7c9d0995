"""From a file to the graph that runs it."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from mmpsearch.apis.graphs.graph import Graph
from mmpsearch.apis.graphs.onnx_graph import ONNXGraph
from mmpsearch.apis.graphs.openvino_graph import OpenVINOGraph
from mmpsearch.errors import ModelLoadError

GRAPH_SUFFIXES = (".onnx", ".xml")
BACKENDS = ("onnx", "openvino")


def is_graph(path: str | os.PathLike) -> bool:
    """Whether the name ends like that of an exported network."""
    return Path(path).suffix.lower() in GRAPH_SUFFIXES


def load_graph(
    path: str | os.PathLike,
    device: torch.device | None = None,
    backend: str | None = None,
) -> Graph:
    """Read an exported network.

    Args:
        path: ``.onnx``, or OpenVINO's ``.xml`` with its ``.bin`` beside it.
        device: Where ONNX Runtime runs; OpenVINO runs on the CPU.
        backend: ``onnx`` or ``openvino`` for ``.onnx`` files; None: ONNX Runtime.

    Raises:
        ModelLoadError: There is no such file, it cannot be run, or the library that
            runs it is missing (the message names the extra).
    """
    path = Path(path)
    if not path.is_file():
        raise ModelLoadError(f"there is no file {path}")
    if not is_graph(path):
        endings = " or ".join(GRAPH_SUFFIXES)
        raise ModelLoadError(f"{path}: an exported network ends with {endings}")
    if backend not in (None, *BACKENDS):
        raise ModelLoadError(f"backend is {backend!r}, not one of {BACKENDS}")
    if path.suffix.lower() == ".xml" and backend == "onnx":
        raise ModelLoadError(
            f"{path} is OpenVINO's, which ONNX Runtime cannot run: leave out "
            "--backend, or export to .onnx"
        )
    if path.suffix.lower() == ".xml" or backend == "openvino":
        return OpenVINOGraph(path)
    return ONNXGraph(path, device or torch.device("cpu"))

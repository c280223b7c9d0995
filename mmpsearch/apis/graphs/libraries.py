"""The libraries of exported networks, each of which comes with an extra."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from mmpsearch.errors import ModelLoadError

# module -> its name, and the extra of this package that brings it
LIBRARIES = {
    "nncf": ("NNCF", "quantise"),
    "onnx": ("onnx", "export"),
    "onnxruntime": ("ONNX Runtime", "onnx"),
    "openvino": ("OpenVINO", "openvino"),
}


def import_library(module: str, what: object) -> ModuleType:
    """Import one of :data:`LIBRARIES`.

    Args:
        module: which.
        what: needs it, such as a file; for the message.

    Raises:
        ModelLoadError: It is not installed (the message names the extra).
    """
    try:
        return import_module(module)
    except ImportError as error:
        name, extra = LIBRARIES[module]
        raise ModelLoadError(
            f"{what} needs {name}: pip install 'mmpsearch[{extra}]'"
        ) from error

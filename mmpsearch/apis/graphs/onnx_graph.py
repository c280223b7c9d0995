"""ONNX files by ONNX Runtime."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch

from mmpsearch.apis.graphs.graph import Graph, GraphTensor
from mmpsearch.apis.graphs.libraries import import_library
from mmpsearch.errors import ModelLoadError

DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}


class ONNXGraph(Graph):
    """A session of ONNX Runtime, with as many threads as PyTorch has.

    Args:
        path: ``.onnx`` file.
        device: On ``cuda`` the CUDA provider is used where ``onnxruntime-gpu`` has it;
            else the CPU, with a warning.

    Raises:
        ModelLoadError: ONNX Runtime is not installed (the message names the extra), or
            it is no ONNX file that it runs.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        onnxruntime = import_library("onnxruntime", path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3  # errors
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=_providers(onnxruntime, device)
            )
        except Exception as error:  # its classes of errors are private
            reason = str(error).strip().partition("\n")[0]
            raise ModelLoadError(
                f"{path} is no ONNX file that ONNX Runtime can run: {reason}"
            ) from error
        super().__init__(
            path,
            [_tensor(one) for one in self._session.get_inputs()],
            [_tensor(one) for one in self._session.get_outputs()],
        )

    def __call__(self, *arrays: np.ndarray) -> dict[str, np.ndarray]:
        """See the base class."""
        fed = {
            tensor.name: np.ascontiguousarray(array, tensor.dtype)
            for tensor, array in zip(self.inputs, arrays, strict=True)
        }
        values = self._session.run(None, fed)
        return {one.name: v for one, v in zip(self.outputs, values, strict=True)}

    def metadata(self) -> dict[str, str]:
        """See the base class."""
        return dict(self._session.get_modelmeta().custom_metadata_map)


def read_metadata(path: Path) -> dict[str, str]:
    """Metadata of an ONNX file that another library runs.

    Raises:
        ModelLoadError: ONNX Runtime is not installed.
    """
    onnxruntime = import_library("onnxruntime", path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    return dict(session.get_modelmeta().custom_metadata_map)


def _providers(onnxruntime, device: torch.device) -> list:
    if device.type != "cuda":
        return ["CPUExecutionProvider"]
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        warnings.warn(
            "ONNX files run on the CPU: the installed ONNX Runtime has no CUDA "
            "(pip install onnxruntime-gpu)",
            stacklevel=4,
        )
        return ["CPUExecutionProvider"]
    cuda = ("CUDAExecutionProvider", {"device_id": device.index or 0})
    return [cuda, "CPUExecutionProvider"]


def _tensor(one) -> GraphTensor:
    shape = tuple(size if isinstance(size, int) else None for size in one.shape)
    return GraphTensor(one.name, shape, np.dtype(DTYPES.get(one.type, np.float32)))

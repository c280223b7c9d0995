"""OpenVINO's files (and ONNX ones) by OpenVINO, on the CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mmpsearch.apis.graphs.graph import Graph, GraphTensor
from mmpsearch.apis.graphs.libraries import import_library
from mmpsearch.apis.graphs.onnx_graph import read_metadata
from mmpsearch.errors import ModelLoadError


class OpenVINOGraph(Graph):
    """A model that OpenVINO has compiled, with as many threads as PyTorch has.

    A batch size of 1 is made free where the network allows it. Results are those of
    float32 arithmetic, also on CPUs where OpenVINO would choose bfloat16.

    Args:
        path: ``.xml`` with its ``.bin`` beside it, or ``.onnx``.

    Raises:
        ModelLoadError: OpenVINO is not installed (the message names the extra), or
            cannot read or compile it.
    """

    def __init__(self, path: Path) -> None:
        openvino = import_library("openvino", path)
        weights = path.with_suffix(".bin")
        if path.suffix == ".xml" and not weights.exists():
            raise ModelLoadError(f"{path}: its weights {weights} are missing")
        core = openvino.Core()
        try:
            model = _with_free_batch(core, path)
            compiled = core.compile_model(
                model,
                "CPU",
                {
                    "INFERENCE_PRECISION_HINT": "f32",
                    "INFERENCE_NUM_THREADS": torch.get_num_threads(),
                },
            )
        except RuntimeError as error:
            lines = [line for line in str(error).splitlines() if line.strip()]
            raise ModelLoadError(
                f"{path} is no model that OpenVINO can run: {lines[-1].strip()}"
            ) from error
        self._metadata = {
            key: str(model.get_rt_info([key]).value)
            for key in model.get_rt_info()
            if isinstance(model.get_rt_info([key]).value, str)
        }
        self._request = compiled.create_infer_request()
        super().__init__(
            path,
            [_tensor(one, i) for i, one in enumerate(compiled.inputs)],
            [_tensor(one, i) for i, one in enumerate(compiled.outputs)],
        )

    def __call__(self, *arrays: np.ndarray) -> dict[str, np.ndarray]:
        """See the base class."""
        fed = {
            number: np.ascontiguousarray(array, tensor.dtype)
            for number, (tensor, array) in enumerate(
                zip(self.inputs, arrays, strict=True)
            )
        }
        values = self._request.infer(fed)
        return {
            tensor.name: np.array(values[number])  # its memory is used again
            for number, tensor in enumerate(self.outputs)
        }

    def metadata(self) -> dict[str, str]:
        """See the base class; that of an ONNX file, which OpenVINO does not keep, is
        read by ONNX Runtime."""
        if self.path.suffix.lower() == ".onnx":
            return read_metadata(self.path)
        return self._metadata


def _with_free_batch(core, path: Path):
    """The model; one picture's shape is made a batch's where all outputs follow."""
    model = core.read_model(path)
    shape = model.inputs[0].get_partial_shape()
    fixed = shape.rank.is_static and len(shape) == 4 and shape[0].is_static
    if len(model.inputs) != 1 or not fixed or shape[0].get_length() != 1:
        return model
    free = core.read_model(path)
    try:
        shape[0] = -1
        free.reshape({free.inputs[0]: shape})
        if all(one.get_partial_shape()[0].is_dynamic for one in free.outputs):
            return free
    except (RuntimeError, IndexError):
        pass  # a constant in the network holds the batch size
    return model


def _tensor(port, number: int) -> GraphTensor:
    names = sorted(port.get_names())
    shape = tuple(
        size.get_length() if size.is_static else None
        for size in port.get_partial_shape()
    )
    dtype = np.dtype(port.get_element_type().to_dtype())
    return GraphTensor(names[0] if names else f"tensor_{number}", shape, dtype)

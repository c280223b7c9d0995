"""ONNX files with their weights in half precision."""

from __future__ import annotations

import numpy as np

SMALLEST = 256  # numbers: smaller tensors are limits and shapes, and save nothing


def halve_weights(model) -> int:
    """Keep large float32 weights in float16; arithmetic stays float32.

    Runtimes turn them back when they load the file: it is half as large, no faster, and
    needs no hardware for half precision.

    Args:
        model: ``onnx.ModelProto``, changed in place.

    Returns:
        How many tensors were changed.
    """
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALLEST:
            continue
        limit = np.finfo(np.float16).max
        half = np.clip(values, -limit, limit).astype(np.float16)
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(
            helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT)
        )
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)
    return len(casts)

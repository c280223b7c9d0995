"""Exported networks of a few nodes, written by the tests."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TYPES = {"f": TensorProto.FLOAT, "i": TensorProto.INT64}


def write(path, nodes, inputs, outputs, constants=()):
    """Write an ONNX file; inputs and outputs are (name, type, shape)."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(*one) for one in inputs],
        [helper.make_tensor_value_info(*one) for one in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def colour_embedder(path, batch="N", size=(32, 16), layout="nchw"):
    """Embeds a crop by the mean of every channel of what it is given."""
    if layout == "nhwc":
        nodes = [
            helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["f"], ["y"], axes=[1, 2], keepdims=0),
        ]
        given = [("x", TensorProto.UINT8, [batch, "h", "w", 3])]
    else:
        nodes = [helper.make_node("ReduceMean", ["x"], ["y"], axes=[2, 3], keepdims=0)]
        given = [("x", TensorProto.FLOAT, [batch, 3, *size])]
    return write(path, nodes, given, [("y", TensorProto.FLOAT, [batch, 3])])


def constant_detector(path, size=(64, 64), **outputs):
    """Gives the same arrays for every picture, which it reads all the same."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    constants = [("zero", np.zeros((), np.float32))]
    given = []
    for name, array in outputs.items():
        constants.append((f"{name}_value", array))
        added = "nothing"
        if array.dtype == np.int64:
            added = f"{name}_nothing"
            nodes.append(
                helper.make_node("Cast", ["nothing"], [added], to=TensorProto.INT64)
            )
        nodes.append(helper.make_node("Add", [f"{name}_value", added], [name]))
        given.append((name, TYPES[array.dtype.kind], list(array.shape)))
    inputs = [("images", TensorProto.FLOAT, [1, 3, *size])]
    return write(path, nodes, inputs, given, constants)


def red_detector(path, size=(64, 64)):
    """Finds one person: the left half of the input, its score the share of red.

    The output is `boxes_scores_labels`: corners, scores, labels.
    """
    rows, columns = size
    box = np.array([[0, 0, columns / 2, rows]], np.float32)
    nodes = [
        helper.make_node(
            "ReduceMean", ["images"], ["mean"], axes=[0, 2, 3], keepdims=0
        ),
        helper.make_node("Gather", ["mean", "red"], ["scores"], axis=0),
        helper.make_node("Identity", ["box"], ["boxes"]),
        helper.make_node("Identity", ["person"], ["labels"]),
    ]
    constants = [
        ("red", np.array([0], np.int64)),
        ("box", box),
        ("person", np.array([1], np.int64)),
    ]
    return write(
        path,
        nodes,
        [("images", TensorProto.FLOAT, [1, 3, *size])],
        [
            ("boxes", TensorProto.FLOAT, [1, 4]),
            ("scores", TensorProto.FLOAT, [1]),
            ("labels", TensorProto.INT64, [1]),
        ],
        constants,
    )


def as_openvino(path):
    """The same network as OpenVINO's .xml and .bin."""
    import openvino

    target = path.with_suffix(".xml")
    openvino.save_model(openvino.convert_model(path), target, compress_to_fp16=False)
    return target

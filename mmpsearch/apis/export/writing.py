"""Traces written as ONNX, and ONNX files as OpenVINO's."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from mmpsearch.apis.graphs.libraries import import_library
from mmpsearch.utils.atomic import replace_when_done

OPSET = 18


def write_onnx(
    graph: nn.Module,
    example: Sequence[Tensor],
    path: Path,
    inputs: Sequence[str],
    outputs: Sequence[str],
    free: Mapping[str, Mapping[int, str]],
) -> None:
    """Trace a module and write the trace.

    Args:
        graph: in eval mode.
        example: what it is traced with.
        path: file to write.
        inputs: names of the arguments.
        outputs: names of the results.
        free: axes of any size by name of input or output, each with its name.
    """
    with (
        replace_when_done(path) as temporary,
        warnings.catch_warnings(),
        torch.no_grad(),
    ):
        warnings.simplefilter("ignore")  # the tracer's, about sizes that are fixed
        torch.onnx.export(
            graph,
            tuple(example),
            str(temporary),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(axes) for name, axes in free.items()},
            opset_version=OPSET,
            dynamo=False,
        )


def write_openvino(model, path: Path, half: bool = False) -> None:
    """Write OpenVINO's ``.xml``, its weights ``.bin`` beside it.

    Args:
        model: ``openvino.Model``.
        path: file to write, ``.xml``.
        half: weights in half precision; arithmetic stays what it is.
    """
    openvino = import_library("openvino", path)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, path.name)
        openvino.save_model(model, made, compress_to_fp16=half)
        # the weights first: an .xml without them would not load
        for suffix in (".bin", ".xml"):
            with replace_when_done(path.with_suffix(suffix)) as temporary:
                shutil.copyfile(made.with_suffix(suffix), temporary)

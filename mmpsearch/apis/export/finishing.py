"""From a traced network to the file a user asked for: format, precision, metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmpsearch.apis.export.half_weights import halve_weights
from mmpsearch.apis.export.quantising import quantised
from mmpsearch.apis.export.writing import write_openvino
from mmpsearch.apis.graphs import GRAPH_SUFFIXES
from mmpsearch.apis.graphs.libraries import import_library
from mmpsearch.errors import ModelLoadError
from mmpsearch.utils.atomic import replace_when_done

PRECISIONS = ("fp32", "fp16", "int8")


def check_target(path: Path, precision: str, calibration: Sequence) -> None:
    """Refuse what cannot be written, before any work is done.

    Args:
        path: file to write.
        precision: one of ``PRECISIONS``.
        calibration: pictures.

    Raises:
        ModelLoadError: an unknown precision or suffix, the two do not go together,
            there are no pictures, or an extra is missing (the message names it).
    """
    if precision not in PRECISIONS:
        raise ModelLoadError(
            f"precision is {precision!r}, not one of {', '.join(PRECISIONS)}"
        )
    if path.suffix not in GRAPH_SUFFIXES:
        raise ModelLoadError(
            f"{path}: an exported network ends with {' or '.join(GRAPH_SUFFIXES)}"
        )
    if precision == "int8":
        if path.suffix != ".xml":
            raise ModelLoadError(f"{path}: int8 is written for OpenVINO: name it .xml")
        if not len(calibration):
            raise ModelLoadError(
                f"{path}: int8 needs pictures to calibrate by: --calibration FOLDER"
            )
        import_library("nncf", "int8")
    import_library("onnx", f"writing {path}")
    if path.suffix == ".xml":
        import_library("openvino", path)


def finish(
    traced: Path,
    path: Path,
    precision: str,
    inputs: Sequence[Any],
    metadata: Mapping[str, str],
) -> None:
    """Write the file.

    Args:
        traced: ONNX file in fp32.
        path: file to write, which ``check_target`` has passed.
        precision: ``fp32``; ``fp16``: weights are kept in half precision; ``int8``:
            quantised.
        inputs: for ``int8``: what the network is calibrated by, an array or arrays by
            name each.
        metadata: to be kept in the file.
    """
    if path.suffix == ".onnx":
        onnx = import_library("onnx", f"writing {path}")
        model = onnx.load(traced)
        if precision == "fp16":
            halve_weights(model)
        for key, value in metadata.items():
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
        with replace_when_done(path) as temporary:
            onnx.save(model, str(temporary))
        return
    model = import_library("openvino", path).convert_model(traced)
    if precision == "int8":
        model = quantised(model, inputs)
    for key, value in metadata.items():
        model.set_rt_info(value, [key])
    write_openvino(model, path, half=precision == "fp16")

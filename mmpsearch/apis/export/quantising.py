"""Eight-bit networks by NNCF, OpenVINO's own quantiser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmpsearch.apis.graphs.libraries import import_library


def quantised(model, inputs: Sequence[Any]):
    """The network with eight-bit weights and activations where these suffice.

    Args:
        model: ``openvino.Model``.
        inputs: such as it will see, some hundred: an array or arrays by name each.

    Returns:
        ``openvino.Model``.
    """
    nncf = import_library("nncf", "int8")
    return nncf.quantize(
        model,
        nncf.Dataset(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(inputs),
    )

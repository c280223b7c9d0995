"""Eight-bit networks by NNCF, OpenVINO's own quantiser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmpsearch.errors import ModelLoadError


def import_nncf():
    """The library.

    Raises:
        ModelLoadError: it is not installed (the message names the extra).
    """
    try:
        import nncf
    except ImportError as error:
        raise ModelLoadError(
            "int8 needs NNCF: pip install 'mmpsearch[quantise]'"
        ) from error
    return nncf


def quantised(model, inputs: Sequence[Any]):
    """The network with eight-bit weights and activations where these suffice.

    Args:
        model: ``openvino.Model``.
        inputs: such as it will see, some hundred: an array or arrays by name each.

    Returns:
        ``openvino.Model``.
    """
    nncf = import_nncf()
    return nncf.quantize(
        model,
        nncf.Dataset(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(inputs),
    )

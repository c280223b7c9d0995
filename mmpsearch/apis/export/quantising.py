"""Eight-bit networks by NNCF, OpenVINO's own quantiser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmpsearch.apis.export.search_graph import INPUTS
from mmpsearch.apis.scene_preparation import ScenePreparation
from mmpsearch.apis.search_facts import SearchFacts
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


def quantised(model, facts: SearchFacts, pictures: Sequence[np.ndarray]):
    """The network with eight-bit weights and activations where these suffice.

    Args:
        model: ``openvino.Model`` of a ``SearchGraph``.
        facts: of the model.
        pictures: (h, w, 3) uint8 BGR, such as it will see; some hundred.

    Returns:
        ``openvino.Model``.
    """
    nncf = import_nncf()
    prepare = ScenePreparation(facts)
    inputs = [_input(prepare, pixels) for pixels in pictures]
    return nncf.quantize(
        model,
        nncf.Dataset(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(inputs),
    )


def _input(prepare: ScenePreparation, pixels: np.ndarray) -> dict[str, np.ndarray]:
    image, _, _ = prepare(pixels)
    nobody = np.empty((0, 4), np.float32)
    values = (image, nobody, np.array([0.3], np.float32))
    return dict(zip(INPUTS, values, strict=True))

import numpy as np
import pytest

from mmpsearch.datasets.transforms import (
    LoadImage,
    MinMaxDequantize,
    MinMaxQuantize,
    PackPersonSearchInputs,
    PadToSize,
    WindowResize,
)
from mmpsearch.datasets.transforms.quantize import (
    dequantize,
    quantize,
    with_quantization,
)

from .scene import make_results


def test_quantize_truncates():
    values = np.array([-1.0, 0.0, 1.5, 3.0], np.float32)
    levels, low, high = quantize(values)
    assert levels.tolist() == [0, 63, 159, 255]  # 63.75 and 159.375
    assert (low, high) == (-1.0, 4.0)
    back = dequantize(levels, low, high)
    assert back == pytest.approx([-1.0, 63 / 255 * 4 - 1, 159 / 255 * 4 - 1, 3.0])


def test_constant_image():
    levels, low, high = quantize(np.full((2, 2), 7.0, np.float32))
    assert (dequantize(levels, low, high) == 7).all()


def test_there_and_back_within_a_level():
    results = make_results()
    image = results["img"].astype(float)
    results = MinMaxDequantize()(MinMaxQuantize()(results))
    assert results["img"].dtype == np.float32 and "quantization" not in results
    # A level of 1/255 of about five standard deviations of about 58.
    assert np.abs(results["img"] - image).max() < 2


def test_detour_around_the_geometry():
    inner = [WindowResize(45, 100), PadToSize(64, 64)]
    pipeline = with_quantization([LoadImage(), *inner, PackPersonSearchInputs()])
    kinds = [type(transform).__name__ for transform in pipeline]
    assert kinds[1] == "MinMaxQuantize" and kinds[4] == "MinMaxDequantize"
    assert pipeline[2:4] == inner
    results = make_results()
    for transform in pipeline[1:]:
        results = transform(results)
    inputs = results["inputs"]
    assert inputs.shape == (3, 64, 64) and inputs.is_floating_point()
    # Padding is the least normalised value of the image, in every channel.
    std, mean = np.array([57.375, 57.12, 58.395]), np.array([103.53, 116.28, 123.675])
    corner = (inputs[:, 0, 0].numpy() - mean) / std
    least = ((make_results()["img"] - mean) / std).min()
    assert corner == pytest.approx([least] * 3, abs=1e-5)


def test_a_pipeline_without_its_ends_is_refused():
    with pytest.raises(ValueError, match="one LoadImage, got .*WindowResize"):
        with_quantization([WindowResize(), PackPersonSearchInputs()])

import numpy as np
import pytest

from mmpsearch.datasets.transforms import MinMaxDequantize, MinMaxQuantize
from mmpsearch.datasets.transforms.quantize import dequantize, quantize

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

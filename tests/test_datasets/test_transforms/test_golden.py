"""Pixels, boxes and kept ids of the reference for parameters that it drew.

The reference file holds a 240 x 320 image with four boxes and, for sixteen random
draws of ``rrc2`` (resize 180/300, crop 128) and ``rrc_scale`` (crop 128), the drawn
parameters and the results after the 8-bit quantisation detour.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.datasets.transforms import MinMaxDequantize, MinMaxQuantize, RandomScale
from mmpsearch.datasets.transforms.crops import SafeCropParameters
from mmpsearch.datasets.transforms.flip import flip_horizontally
from mmpsearch.datasets.transforms.quantize import MEAN, STD
from mmpsearch.datasets.transforms.resize import padding_window, window_resize_shape
from mmpsearch.datasets.transforms.window import Window, apply_window

DATA = Path(__file__).parents[2] / "data" / "person_search"
CASES = json.loads((DATA / "transforms.json").read_text())


@pytest.fixture(scope="module")
def golden():
    return np.load(DATA / "transforms.npz")


def quantized_scene(golden):
    boxes = golden["boxes_xywh"].astype(np.float32)
    boxes[:, 2:] += boxes[:, :2]
    results = dict(
        img=np.ascontiguousarray(golden["image"][..., ::-1]),
        img_shape=golden["image"].shape[:2],
        gt_bboxes=boxes,
        gt_person_ids=np.arange(100, 104),
    )
    return MinMaxQuantize()(results)


def network_input(results):
    """The model's input: back from 8 bits, then the preprocessor's normalisation."""
    image = MinMaxDequantize()(results)["img"][..., ::-1]
    normalised = (image - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return normalised.transpose(2, 0, 1)


def test_quantization_values(golden):
    results = quantized_scene(golden)
    low, high = results["quantization"]
    assert low == pytest.approx(float(golden["norm_minval"]), abs=1e-6)
    assert high == pytest.approx(float(golden["norm_maxval"]), abs=1e-6)
    sample = results["img"][::40, ::40, ::-1]
    assert (sample == golden["uint8_roundtrip_input_sample"]).all()
    there_and_back = network_input(results).transpose(1, 2, 0)[::40, ::40]
    np.testing.assert_allclose(
        there_and_back, golden["roundtrip_float_sample"], atol=2e-6
    )


def test_wrs(golden):
    results = quantized_scene(golden)
    old = results["img_shape"]
    window = Window.resize(old, window_resize_shape(*old))
    results = apply_window(results, window)
    np.testing.assert_allclose(
        results["gt_bboxes"], golden["wrs_boxes_xyxy"], atol=1e-3
    )
    image = network_input(results)
    assert list(image.shape) == golden["wrs_shape"].tolist()
    np.testing.assert_allclose(image[:, ::90, ::120], golden["wrs_sample"], atol=2e-6)


def test_wrs_of_a_long_image(golden):
    _, height, width = golden["wrs_long_shape"]
    assert max(height, width) == 1500
    assert window_resize_shape(200, 600) == (500, 1500)
    assert window_resize_shape(600, 200) == (1500, 500)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['mode']}-{c['seed']}")
def test_random_crops(golden, case):
    results = quantized_scene(golden)
    if case["mode"] == "rrc2":
        old = results["img_shape"]
        window = Window.resize(old, window_resize_shape(*old, 180, 300))
        least = 3 * 128
    else:
        window = RandomScale.window(results["img_shape"], case["scale"])
        least = 4 * 128
    results = apply_window(results, window)
    window = padding_window(results["img_shape"], least, least)
    results = apply_window(results, window, pad_value=0)
    kind, parameters, padded = case["crop"]
    assert list(results["img_shape"]) == padded[:2]
    if kind == "RandomFocusedCrop2":
        corners = [parameters[key] for key in ("xmin", "ymin", "xmax", "ymax")]
        window = Window(*corners, 128, 128)
    else:
        parameters = SafeCropParameters(**parameters)
        window = parameters.window(results["img_shape"], (128, 128))
    results = apply_window(results, window)
    if case["flip"]:
        results = flip_horizontally(results)
    assert results["gt_person_ids"].tolist() == case["kept_ids"]
    np.testing.assert_allclose(results["gt_bboxes"], case["boxes_xyxy"], atol=1e-4)
    image = network_input(results)
    sample = golden[f"{case['mode']}_{case['seed']}_sample"]
    np.testing.assert_allclose(image[:, ::8, ::8], sample, atol=2e-6)
    assert image.min() == pytest.approx(case["out_min"], abs=1e-5)
    assert image.max() == pytest.approx(case["out_max"], abs=1e-5)
    np.testing.assert_allclose(image.mean((1, 2)), case["out_mean"], atol=1e-4)

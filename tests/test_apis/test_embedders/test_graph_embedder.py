import numpy as np
import pytest

from mmpsearch.apis.embedders import GraphEmbedder
from mmpsearch.errors import ModelLoadError
from tests.test_apis.tiny_graphs import as_openvino, colour_embedder, constant_detector

pytest.importorskip("onnxruntime", reason="the extra 'onnx'")


def crops():
    """Three sizes; mean colours (B, G, R) 10 20 30, 40 50 60, 70 80 90."""
    sizes = [(64, 32), (50, 20), (10, 90)]
    return [
        np.full((*size, 3), 10 + 30 * n, np.uint8) + np.array([0, 10, 20], np.uint8)
        for n, size in enumerate(sizes)
    ]


BGR = np.array([[10, 20, 30], [40, 50, 60], [70, 80, 90]], np.float32)


@pytest.mark.parametrize("batch", ["N", 1, 2])
def test_openvino_files_see_bgr_pixels(tmp_path, batch):
    pytest.importorskip("openvino", reason="the extra 'openvino'")
    path = as_openvino(colour_embedder(tmp_path / "e.onnx", batch))
    embedder = GraphEmbedder(path, batch_size=2)
    np.testing.assert_allclose(embedder(crops()), BGR, atol=1e-4)
    assert embedder.settings.input_size == (32, 16)


def test_onnx_files_see_normalised_rgb_and_a_warning_says_so(tmp_path):
    path = colour_embedder(tmp_path / "e.onnx")
    with pytest.warns(UserWarning, match="e.onnx wants its crops.*e.yaml"):
        embedder = GraphEmbedder(path)
    rgb = BGR[:, ::-1] / 255
    wanted = (rgb - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(embedder(crops()), wanted, atol=1e-5)


def test_a_yaml_says_how(tmp_path, recwarn):
    path = colour_embedder(tmp_path / "e.onnx", size=("h", "w"))
    path.with_suffix(".yaml").write_text("channel_order: rgb\ninput_size: [64, 32]\n")
    embedder = GraphEmbedder(path)
    np.testing.assert_allclose(embedder(crops()), BGR[:, ::-1], atol=1e-4)
    assert not recwarn.list and embedder.settings.input_size == (64, 32)


def test_graphs_that_take_pixels_as_they_are(tmp_path, recwarn):
    embedder = GraphEmbedder(colour_embedder(tmp_path / "e.onnx", layout="nhwc"))
    np.testing.assert_allclose(embedder(crops()), BGR, atol=1e-4)
    assert not recwarn.list


def test_what_is_no_embedder(tmp_path):
    two = dict(a=np.zeros((1, 4), np.float32), b=np.zeros((1, 9), np.float32))
    path = constant_detector(tmp_path / "d.onnx", (64, 64), **two)
    with pytest.raises(ModelLoadError, match=r"outputs a, b; say in .*d.yaml"):
        GraphEmbedder(path, {"channel_order": "bgr"})
    assert GraphEmbedder(path, {"output": "b"})(crops()).shape == (3, 9)
    with pytest.raises(ModelLoadError, match="unknown key 'mena'; did you mean 'mean'"):
        GraphEmbedder(path, {"mena": [1, 1, 1]})


def test_a_detector_in_an_embedder_s_place(tmp_path):
    boxes = dict(a=np.zeros((1, 7, 6), np.float32))
    path = constant_detector(tmp_path / "d.onnx", (64, 64), **boxes)
    with pytest.raises(
        ModelLoadError, match=r"d.onnx.*\(3, 7, 6\).*is this a detector"
    ):
        GraphEmbedder(path, {"channel_order": "bgr"})(crops())
    said = GraphEmbedder(path, {"channel_order": "bgr", "embed_dims": 42})
    assert said(crops()).shape == (3, 42)

import numpy as np
import pytest

from mmpsearch.apis.detectors import GraphDetector
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.errors import ModelLoadError
from tests.test_apis.test_detectors.test_layouts import MAKERS, raw_yolox
from tests.test_apis.tiny_graphs import as_openvino, constant_detector, red_detector

pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
SIZE = (64, 96)
PICTURE = SourceImage(np.full((128, 96, 3), 90, np.uint8))


@pytest.mark.parametrize("openvino", [False, True])
@pytest.mark.parametrize("name", MAKERS)
def test_boxes_are_in_pixels_of_the_picture(tmp_path, name, openvino):
    path = constant_detector(tmp_path / "d.onnx", SIZE, **MAKERS[name]())
    if openvino:
        pytest.importorskip("openvino", reason="the extra 'openvino'")
        path = as_openvino(path)
    detector = GraphDetector(path)
    assert detector.settings.decode == name
    (found,) = detector([PICTURE], 0.3)
    np.testing.assert_allclose(found.scores, [0.4], atol=1e-6)
    # the picture, 96 x 128, is put into 96 x 64: halved, or made half as high
    box = {
        "stretch": [40, 32, 56, 96],
        "letterbox": [80, 32, 96, 96],  # cut at the border
        "letterbox_centred": [32, 32, 64, 96],  # 24 columns are left on each side
    }[detector.settings.resize if name != "boxes_scores_labels" else "stretch"]
    np.testing.assert_allclose(found.boxes, [box], atol=1e-3)
    assert len(detector([PICTURE], 0.5)[0].boxes) == 0


def test_suppression_keeps_the_better_of_two(tmp_path):
    output = raw_yolox()
    rows = output["output"][0]
    rows[0], rows[95] = rows[104], rows[104]
    rows[0, :5] = [6, 4, np.log(2), np.log(4), 0.6]  # the same box on the finest grid
    rows[95, :5] = [-3, -1, np.log(2), np.log(4), 0.6]  # another one
    path = constant_detector(tmp_path / "d.onnx", SIZE, **output)
    square = SourceImage(np.zeros((64, 96, 3), np.uint8))
    (found,) = GraphDetector(path)([square], 0.2)
    np.testing.assert_allclose(found.scores, [0.4, 0.3], atol=1e-6)
    assert found.boxes[0].tolist() == pytest.approx([40, 16, 56, 48], abs=1e-3)
    (both,) = GraphDetector(path, {"nms_iou": 1.0})([square], 0.2)
    assert len(both.boxes) == 3


def test_the_network_sees_what_the_settings_say(tmp_path):
    path = red_detector(tmp_path / "d.onnx")
    red = SourceImage(np.zeros((32, 32, 3), np.uint8))
    red.pixels[..., 2] = 51
    (found,) = GraphDetector(path)([red], 0.0)  # RGB in 0..1
    np.testing.assert_allclose(found.scores, [0.2], atol=1e-6)
    np.testing.assert_allclose(found.boxes, [[0, 0, 16, 32]])
    (found,) = GraphDetector(path, {"channel_order": "bgr", "scale": 1.0})([red], 0.0)
    np.testing.assert_allclose(found.scores, [0.0])


def test_digests_follow_file_and_settings(tmp_path):
    path = red_detector(tmp_path / "d.onnx")
    one = GraphDetector(path)
    assert one.digest == GraphDetector(path).digest
    assert one.digest != GraphDetector(path, {"person_class": 2}).digest


def test_what_is_no_detector(tmp_path):
    odd = constant_detector(tmp_path / "d.onnx", SIZE, y=np.zeros((1, 7), np.float32))
    with pytest.raises(ModelLoadError, match=r"no known layout; say .*d.yaml.*yolox"):
        GraphDetector(odd)
    with pytest.raises(ModelLoadError, match="decode is 'yolo9', not one of"):
        GraphDetector(odd, {"decode": "yolo9"})
    with pytest.raises(ModelLoadError, match=r"the network takes \(64, 96\)"):
        GraphDetector(odd, {"input_size": [32, 32]})

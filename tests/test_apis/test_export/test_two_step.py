"""A detector and an embedder, exported together, against the same in PyTorch."""

import numpy as np
import pytest
import torch
import torchvision
from mmengine.config import Config

from mmpsearch.apis import ModelLoadError, TwoStepInferencer, load_inferencer
from mmpsearch.apis.export import export_two_step
from mmpsearch.registry import MODELS

from ..crop_model import config
from ..tiny_graphs import colour_embedder, red_detector
from ..tiny_search import scene

pytest.importorskip("onnx", reason="the extra 'export'")
pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
NAME = "ssdlite320_mobilenet_v3_large"


def lively_detector():
    """Random weights whose features do not fade away, and people likely everywhere."""
    torch.manual_seed(0)
    model = torchvision.models.get_model(NAME, weights=None, weights_backbone=None)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0  # the statistics of one batch
    for module in model.head.classification_head.modules():
        if isinstance(module, torch.nn.Conv2d) and module.bias is not None:
            torch.nn.init.normal_(module.weight, std=0.1)
            module.bias.data[1::91] += 4.0
    pictures = torch.stack(
        [
            torch.from_numpy(scene(320, 320, seed)).permute(2, 0, 1) / 127.5 - 1
            for seed in range(4)
        ]
    )
    with torch.no_grad():
        model.head(list(model.backbone(pictures).values()))
    return model.eval()


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Random weights of a detector that finds somebody, and of an embedder."""
    folder = tmp_path_factory.mktemp("parts")
    torch.save(lively_detector().state_dict(), folder / "ssd.pth")
    Config(config()).dump(folder / "crops.py")
    torch.save(MODELS.build(config()["model"]).state_dict(), folder / "crops.pth")
    return dict(
        detector=f"torchvision:{NAME}",
        detector_checkpoint=folder / "ssd.pth",
        embedder=str(folder / "crops.py"),
        embedder_checkpoint=folder / "crops.pth",
    )


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".onnx", ".xml"])
def test_finds_and_embeds_as_pytorch(parts, suffix, tmp_path):
    if suffix == ".xml":
        pytest.importorskip("openvino", reason="the extra 'openvino'")
    files = export_two_step(tmp_path, suffix=suffix, **parts)
    assert [one.name for one in files] == [f"detector{suffix}", f"embedder{suffix}"]
    own = load_inferencer(**parts, device="cpu", score_threshold=0.3)
    other = load_inferencer("+".join(map(str, files)), score_threshold=0.3)
    assert isinstance(other, TwoStepInferencer)
    for picture in (scene(240, 180), scene(130, 300, seed=1)):
        (want,), (got,) = own.detect(picture), other.detect(picture)
        assert len(want) >= 2
        np.testing.assert_allclose(got.boxes, want.boxes, atol=0.02)
        np.testing.assert_allclose(got.scores, want.scores, atol=1e-4)
        # of crops that the graph resizes; a box on the edge of a pixel may round away
        near = (got.embeddings * want.embeddings).sum(1)
        assert np.median(near) > 0.999


def test_files_are_taken_over_with_their_settings(tmp_path):
    pytest.importorskip("openvino", reason="the extra 'openvino'")
    pytest.importorskip("nncf", reason="the extra 'quantise'")
    red_detector(tmp_path / "d.onnx")
    colour_embedder(tmp_path / "e.onnx")
    (tmp_path / "e.yaml").write_text("channel_order: rgb\n")
    red = np.zeros((40, 60, 3), np.uint8)
    red[..., 2] = 255
    parts = dict(detector=str(tmp_path / "d.onnx"), embedder=str(tmp_path / "e.onnx"))
    files = export_two_step(
        tmp_path / "out", **parts, suffix=".xml", precision="int8", calibration=[red]
    )
    (found,) = load_inferencer("+".join(map(str, files))).detect(red)
    np.testing.assert_allclose(found.boxes, [[0, 0, 30, 40]])
    np.testing.assert_allclose(found.embeddings, [[1, 0, 0]], atol=0.02)
    with pytest.raises(ModelLoadError, match="finds nobody in the --calibration"):
        export_two_step(
            tmp_path / "none",
            **parts,
            suffix=".xml",
            precision="int8",
            calibration=[np.zeros_like(red)],
        )
    assert not list((tmp_path / "none").glob("*"))


def test_what_is_not_exported(tmp_path):
    colour_embedder(tmp_path / "e.onnx")
    for detector, embedder, message in (
        ("d.py", "e.onnx", "d.py: a detector is torchvision:NAME or an .onnx file"),
        ("gone.onnx", "e.onnx", "there is no file gone.onnx"),
        (str(tmp_path / "e.onnx"), "e.pth", "e.pth: an embedder is a re-ID config"),
    ):
        with pytest.raises(ModelLoadError, match=message):
            export_two_step(tmp_path / "out", detector, embedder)

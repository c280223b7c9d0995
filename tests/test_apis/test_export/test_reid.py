from pathlib import Path

import numpy as np
import pytest
import torch

from mmpsearch.apis import ModelLoadError, ReIDInferencer, load_embedder
from mmpsearch.apis.embedders import ReIDEmbedder
from mmpsearch.apis.export import export_onnx, export_openvino
from mmpsearch.registry import MODELS

from ..crop_model import GREEN, RED, config, crop, two_stems

ROOT = Path(__file__).parents[3]
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")
RESNET = dict(
    type="mmpsearch.ReIDResNet",
    depth=50,
    stem_channels=8,
    base_channels=4,
    non_local=(0, 0, 1, 0),
    ibn=True,
)


def convolutional():
    settings = config(RESNET)
    settings["model"]["neck"] = dict(type="mmpsearch.GlobalPoolNeck", pool="gem")
    settings["model"]["heads"]["whole"]["in_channels"] = 128
    resize = settings["test_dataloader"]["dataset"]["pipeline"][1]
    resize["interpolation"] = "bicubic"
    return settings


def by_pillow():
    settings = config()
    resize = settings["test_dataloader"]["dataset"]["pipeline"][1]
    resize["backend"] = "pillow"
    return settings


@pytest.mark.parametrize(
    "settings",
    [config(), convolutional(), by_pillow()],
    ids=["vit", "resnet", "pillow"],
)
def test_runs_as_pytorch(settings, tmp_path):
    torch.manual_seed(0)
    model = MODELS.build(settings["model"])
    torch.save(model.state_dict(), tmp_path / "w.pth")
    graph = export_onnx(settings, tmp_path / "w.pth", tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(
        tmp_path / "m.onnx", providers=["CPUExecutionProvider"]
    )
    rng = np.random.default_rng(0)
    for shape in ((1, 64, 32, 3), (3, 130, 51, 3)):
        images = rng.integers(256, size=shape, dtype=np.uint8)
        (got,) = session.run(None, {"images": images})
        with torch.no_grad():
            want = graph(torch.from_numpy(images)).numpy()
        np.testing.assert_allclose(got, want, atol=1e-4)
    inferencer = ReIDInferencer(settings, tmp_path / "w.pth", device="cpu")
    same_size, large = crop(RED), rng.integers(256, size=(100, 47, 3), dtype=np.uint8)
    for image, tolerance in ((same_size, 1e-4), (large, 0.02)):
        (got,) = session.run(None, {"images": image[None]})
        np.testing.assert_allclose(got, inferencer(image), atol=tolerance)


def test_what_cannot_be_exported(tmp_path):
    settings = config()
    resize = settings["test_dataloader"]["dataset"]["pipeline"][1]
    resize["interpolation"] = "area"
    with pytest.raises(ModelLoadError, match="bilinear and bicubic resizing, not 'ar"):
        export_onnx(settings, None, tmp_path / "m.onnx")
    del settings["test_dataloader"]["dataset"]["pipeline"][1]
    with pytest.raises(ModelLoadError, match="one Resize to a fixed scale"):
        export_onnx(settings, None, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:no checkpoint")
def test_a_model_that_must_know_the_modality(tmp_path):
    with pytest.raises(ModelLoadError, match="RGB and infrared.*use ReIDInferencer"):
        export_onnx(two_stems(), None, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_model_for_scenes():
    config = ROOT / "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
    with (
        pytest.warns(UserWarning),
        pytest.raises(ModelLoadError, match="person-search"),
    ):
        export_onnx(str(config), None, "never.onnx")


@pytest.mark.parametrize("suffix", [".onnx", ".xml"])
def test_the_file_embeds_as_the_model_in_a_search(suffix, tmp_path):
    """Of crops at the model's size; others differ by the rounding of resizing."""
    torch.manual_seed(0)
    model = MODELS.build(config()["model"])
    torch.save(model.state_dict(), tmp_path / "w.pth")
    export = export_onnx
    if suffix == ".xml":
        pytest.importorskip("openvino", reason="the extra 'openvino'")
        export = export_openvino
    export(config(), tmp_path / "w.pth", tmp_path / f"m{suffix}")
    exported = load_embedder(tmp_path / f"m{suffix}")
    own = ReIDEmbedder(config(), tmp_path / "w.pth", device="cpu")
    crops = [crop(colour, seed=seed) for seed, colour in enumerate((RED, GREEN, RED))]
    np.testing.assert_allclose(exported(crops), own(crops), atol=1e-4)
    rng = np.random.default_rng(0)
    odd = [rng.integers(256, size=(100, 47, 3), dtype=np.uint8), crops[0]]
    np.testing.assert_allclose(exported(odd), own(odd), atol=0.02)
    assert exported.context == own.context == 0
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"w.pth", "m.onnx", "m.xml", "m.bin"}

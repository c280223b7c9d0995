import argparse
import json

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmpsearch.apis import (
    InputError,
    ModelLoadError,
    PersonSearchInferencer,
    TwoStepInferencer,
    add_model_arguments,
    load_detector,
    load_embedder,
    load_from_arguments,
    load_inferencer,
)
from mmpsearch.apis.detectors import GivenBoxes, GraphDetector
from mmpsearch.apis.embedders import GraphEmbedder, ReIDEmbedder

from . import colour_model, crop_model
from .tiny_graphs import colour_embedder, red_detector


@pytest.fixture
def files(tmp_path, monkeypatch):
    """One file of every kind, in the working folder."""
    monkeypatch.chdir(tmp_path)
    Config(colour_model.config()).dump("scene.py")
    torch.save({"gain": torch.ones(3)}, "scene.pth")
    Config(crop_model.config()).dump("crops.py")
    (tmp_path / "boxes.json").write_text(json.dumps({"a.png": [[0, 0, 9, 9]]}))
    return tmp_path


def from_words(words):
    parser = argparse.ArgumentParser()
    add_model_arguments(parser)
    return load_from_arguments(parser.parse_args(words.split()))


def test_an_end_to_end_model(files):
    words = "--config scene.py --checkpoint scene.pth --device cpu"
    inferencer = from_words(words)
    assert isinstance(inferencer, PersonSearchInferencer)
    assert inferencer.score_threshold == 0.5
    assert from_words(words + " --score-threshold 0.3").score_threshold == 0.3


def test_detector_and_embedder_by_file(files):
    pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
    red_detector(files / "d.onnx")
    colour_embedder(files / "e.onnx")
    (files / "e.yaml").write_text("channel_order: rgb")
    by_words = from_words("--detector d.onnx --embedder e.onnx --device cpu")
    by_plus = load_inferencer("d.onnx+e.onnx", device="cpu")
    for inferencer in (by_words, by_plus):
        assert isinstance(inferencer, TwoStepInferencer)
        assert isinstance(inferencer.detector, GraphDetector)
        assert isinstance(inferencer.embedder, GraphEmbedder)
    assert by_words.fingerprint == by_plus.fingerprint
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[..., 2] = 255
    (found,) = by_plus.detect(picture)
    np.testing.assert_allclose(found.boxes, [[0, 0, 16, 32]])
    np.testing.assert_allclose(found.embeddings, [[1, 0, 0]])


def test_boxes_and_a_config_of_this_package(files):
    with pytest.warns(UserWarning, match="random"):
        inferencer = from_words(
            "--detector boxes.json --embedder crops.py --device cpu"
        )
    assert isinstance(inferencer.detector, GivenBoxes)
    assert isinstance(inferencer.embedder, ReIDEmbedder)
    same = load_inferencer(
        detector=inferencer.detector, embedder=inferencer.embedder, batch_size=3
    )
    assert same.fingerprint == inferencer.fingerprint and same.batch_size == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "give one of: a model's name; a detector and an embedder; a config"),
        ("--config scene.py --model a+b", "give one of"),
        ("--detector boxes.json", "a detector needs an embedder"),
        ("--embedder crops.py", "an embedder a detector"),
        (
            "--detector scene.py --embedder crops.py",
            "scene.py is a config: give its",
        ),
        ("--detector d.pth --embedder crops.py", "d.pth is no detector: give an .onnx"),
        ("--detector gone.onnx --embedder e.onnx", "there is no file gone.onnx"),
        ("--detector gone.json --embedder e.onnx", "gone.json: No such file"),
        (
            "--detector torchvision:yolo --embedder e",
            "no detection model 'yolo'; it has",
        ),
    ],
)
def test_mistakes(files, words, message):
    with pytest.raises(InputError, match=message):
        from_words(words)


def test_torchvision_by_name_and_file(files):
    import torchvision

    name = "ssdlite320_mobilenet_v3_large"
    torch.manual_seed(0)
    model = torchvision.models.get_model(name, weights=None, weights_backbone=None)
    torch.save(model.state_dict(), "ssd.pth")
    detector = load_detector(f"torchvision:{name}", "ssd.pth", device="cpu")
    picture = np.random.default_rng(0).integers(0, 255, (90, 60, 3), np.uint8)
    from mmpsearch.apis import SourceImage

    (found,) = detector([SourceImage(picture)], 0.0)
    with torch.inference_mode():
        rgb = torch.from_numpy(picture[:, :, ::-1].copy()).permute(2, 0, 1) / 255
        (raw,) = model.eval()([rgb])
    wanted = raw["scores"][raw["labels"] == 1].numpy()
    np.testing.assert_allclose(found.scores, wanted[: len(found.scores)], atol=1e-5)
    assert (found.boxes <= [60, 90, 60, 90]).all()
    with pytest.raises(ModelLoadError, match="does not fit"):
        load_detector(f"torchvision:{name}", "scene.pth", device="cpu")


def test_an_embedder_object_is_taken_as_it_is(files):
    with pytest.warns(UserWarning, match="random"):
        embedder = load_embedder("crops.py", device="cpu")
    assert load_embedder(embedder) is embedder
    assert embedder([np.zeros((9, 5, 3), np.uint8)] * 3).shape == (3, 24)

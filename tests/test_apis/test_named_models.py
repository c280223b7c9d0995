"""Models by name as modules, and as what inferencers take."""

import argparse
import hashlib
import inspect
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

import mmpsearch
from mmpsearch.apis import PersonSearchInferencer, ReIDInferencer
from mmpsearch.apis.model_loading import build_model
from mmpsearch.errors import CheckpointError, ModelLoadError
from mmpsearch.models.converters.vit import convert_vit
from mmpsearch.zoo import DownloadError, ZooError, conversion, resolve

from ..loopback import serve

ROOT = Path(__file__).parents[2]
SCENES = ROOT / "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
CROPS = """
_base_ = {base!r}
model = dict(
    backbone=dict(arch="tiny"),
    heads=dict(whole=dict(in_channels=192)),
)
"""
CATALOGUE = """
Models:
  - Name: our-scenes
    Task: person-search
    Config: {scenes}
    Weights: {address}/scenes.pth
    Digest: sha256:{digest}
    Metadata: {{Licence: MIT, Drawn People: true}}
  - Name: our-crops
    Task: re-id
    Config: crops.py
    Weights: {address}/crops.pth
    Converter: vit
  - Name: our-evil
    Task: re-id
    Config: crops.py
    Weights: {address}/evil.pth
"""


class Evil:
    pass


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A search model's checkpoint, and a transformer's in TransReID's names."""
    folder = tmp_path_factory.mktemp("files")
    base = str(ROOT / "configs/reid/vit/vit-s_market1501.py")
    (folder / "crops.py").write_text(CROPS.format(base=base))
    torch.manual_seed(0)
    with pytest.warns(UserWarning, match="random"):
        scenes = build_model(Config.fromfile(SCENES), None, 0.0)
        crops = build_model(Config.fromfile(folder / "crops.py"), None, 0.0)
    torch.save({"state_dict": scenes.state_dict()}, folder / "scenes.pth")
    public = {
        key.replace("backbone.", "base.").replace("heads.whole.", ""): value
        for key, value in crops.state_dict().items()
        if key.startswith(("backbone.", "heads."))
    }
    torch.save({"model": public, "args": argparse.Namespace(x=1)}, folder / "crops.pth")
    torch.save({"state_dict": public, "what": Evil()}, folder / "evil.pth")
    return folder, scenes.state_dict(), crops.state_dict()


@pytest.fixture
def zoo(files, tmp_path, monkeypatch):
    folder, *_ = files
    monkeypatch.setenv("MMPSEARCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MMPSEARCH_CATALOGUE", str(folder / "metafile.yml"))
    digest = hashlib.sha256((folder / "scenes.pth").read_bytes()).hexdigest()
    with serve() as publisher:
        for name in ("scenes", "crops", "evil"):
            publisher.offer(f"/{name}.pth", (folder / f"{name}.pth").read_bytes())
        (folder / "metafile.yml").write_text(
            CATALOGUE.format(scenes=SCENES, address=publisher.address, digest=digest)
        )
        yield publisher


def test_get_model_has_the_weights(zoo, files):
    model = mmpsearch.get_model("our-scenes", device="cpu")
    assert not model.training
    for key, value in model.state_dict().items():
        assert torch.equal(value, files[1][key]), key
    assert len(zoo.asked) == 1
    mmpsearch.get_model("our-scenes", device="cpu")
    assert len(zoo.asked) == 1


def test_get_model_without_or_with_other_weights(zoo, files):
    with pytest.warns(UserWarning, match="random"):
        model = mmpsearch.get_model("our-scenes", pretrained=False, device="cpu")
    assert zoo.asked == []
    file = files[0] / "scenes.pth"
    model = mmpsearch.get_model("our-scenes", pretrained=file, device="cpu")
    assert zoo.asked == []
    assert torch.equal(
        model.state_dict()["neck.lateral_convs.0.conv.weight"],
        files[1]["neck.lateral_convs.0.conv.weight"],
    )


def test_foreign_names_are_converted_once(zoo, files, monkeypatch):
    calls = []

    def counted(*args, **options):
        calls.append(args)
        return convert_vit(*args, **options)

    counted.__signature__ = inspect.signature(convert_vit)
    monkeypatch.setattr(conversion, "converter", lambda name: counted)
    conversion._version.cache_clear()
    for _ in range(2):
        model = mmpsearch.get_model("our-crops", device="cpu")
    assert len(calls) == 1
    for key, value in model.state_dict().items():
        if key.startswith("backbone."):
            assert torch.equal(value, files[2][key]), key
    conversion._version.cache_clear()


def test_a_file_that_would_run_code_is_refused(zoo):
    with pytest.raises((CheckpointError, ModelLoadError), match="refused"):
        mmpsearch.get_model("our-evil", device="cpu")


def test_inferencers_take_a_name(zoo, files):
    inferencer = PersonSearchInferencer("our-scenes", device="cpu")
    given = PersonSearchInferencer(SCENES, files[0] / "scenes.pth", device="cpu")
    assert inferencer.fingerprint.sha256 == given.fingerprint.sha256
    crops = ReIDInferencer("our-crops", device="cpu")
    assert crops.model.backbone.embed_dims == 192
    with pytest.raises(ZooError, match="did you mean our-scenes"):
        PersonSearchInferencer("our-scene")
    with pytest.raises(ModelLoadError, match="yolox-nano has no config"):
        PersonSearchInferencer("yolox-nano")
    with pytest.raises(ModelLoadError, match="there is no config file our-scenes.py"):
        PersonSearchInferencer("our-scenes.py")


def test_what_is_known_of_a_model_comes_along(zoo):
    found = resolve("our-scenes")
    assert found.drawn_people and found.licence == "MIT"
    assert (found.task, found.format) == ("person-search", "mmpsearch")
    assert found.config == SCENES
    assert not resolve("our-crops").drawn_people
    assert resolve("our-crops").licence == "not stated"


def test_what_cannot_be_had_is_said(zoo, tmp_path):
    with pytest.raises(
        ModelLoadError, match=r"onnx, which is no module.*load_detector"
    ):
        mmpsearch.get_model("yolox-nano")
    with pytest.raises(ZooError, match="no weights are published; train it with"):
        mmpsearch.get_model("spnet-s_convnext-t_qc_oc-finetune_prw")
    zoo.files["/scenes.pth"] = b"something else"
    with pytest.raises(DownloadError, match="wrong digest"):
        mmpsearch.get_model("our-scenes")

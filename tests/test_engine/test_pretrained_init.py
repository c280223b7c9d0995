import logging

import pytest
import torch
import torchvision
from mmengine.registry import DefaultScope

from mmpsearch.errors import CheckpointError
from mmpsearch.models.converters.resnet import convert_resnet
from mmpsearch.registry import MODELS


@pytest.fixture(autouse=True)
def _scope():
    with DefaultScope.overwrite_default_scope("mmpsearch"):
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """ResNet-18's as torchvision saves them, and converted."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    public = torchvision.models.resnet18()
    torch.save(public.state_dict(), folder / "public.pth")
    converted, _ = convert_resnet(public.state_dict())
    torch.save(dict(state_dict=converted), folder / "converted.pth")
    return folder


RESNET18 = dict(type="mmpsearch.ReIDResNet", depth=18)
VIT = dict(
    type="mmpsearch.VisionTransformer",
    arch=dict(dims=24, depth=1, heads=3),
    image_size=(64, 32),
)


def start(checkpoint, prefix=None, backbone=RESNET18, **changes):
    """A backbone that starts from a checkpoint."""
    init = dict(type="Pretrained", checkpoint=str(checkpoint), prefix=prefix)
    model = MODELS.build({**backbone, **changes, "init_cfg": init})
    model.init_weights()
    return model


@pytest.mark.parametrize(
    "name, prefix",
    [("public", None), ("converted", "backbone."), ("converted", None)],
)
def test_fitting_weights_are_loaded(weights, name, prefix):
    model = start(weights / f"{name}.pth", prefix)
    public = torch.load(weights / "public.pth")
    for key, value in model.state_dict().items():
        assert torch.equal(value, public[key]), key


def test_new_parts_may_be_missing_and_are_named(weights, monkeypatch):
    said = []
    monkeypatch.setattr(
        "mmpsearch.engine.pretrained_init.print_log",
        lambda text, logger, level: said.append((level, text)),
    )
    model = start(weights / "public.pth", non_local=(0, 1, 1, 0))
    assert torch.equal(
        model.conv1.weight, torch.load(weights / "public.pth")["conv1.weight"]
    )
    assert said.pop(0) == (
        logging.INFO,
        f"100 of 124 weights of ReIDResNet loaded from {weights / 'public.pth'}",
    )
    assert [level for level, _ in said] == [logging.WARNING] * 2
    assert "missing in" in said[0][1] and "non_local.1.0" in said[0][1]
    assert "2 weights unused of" in said[1][1] and "fc.weight, fc.bias" in said[1][1]


def test_branches_get_the_weights_of_a_plain_network(tmp_path):
    state = torchvision.models.resnet50().state_dict()
    torch.save(state, tmp_path / "r50.pth")
    kind = dict(type="mmpsearch.BranchedResNet", depth=50, branch_norm=True)
    model = start(tmp_path / "r50.pth", backbone=kind)
    assert torch.equal(
        model.branches[2]["layer4"][0].conv1.weight, state["layer4.0.conv1.weight"]
    )


def test_weights_of_another_architecture_are_refused(weights):
    public = weights / "public.pth"
    with pytest.raises(CheckpointError, match=r"does not fit ReIDResNet: \d+ weights"):
        start(public, depth=50)
    with pytest.raises(CheckpointError, match="is not one of VisionTransformer: of"):
        start(public, backbone=VIT)
    with pytest.raises(CheckpointError, match="its own first is 'conv1.weight'"):
        start(weights / "converted.pth", backbone=VIT)
    with pytest.raises(CheckpointError, match=r"no weights under 'backbone\.'"):
        start(public, "backbone.")
    with pytest.raises(
        CheckpointError, match="is not one of ReIDResNet: of 180 weights 80 are"
    ):
        start(public, depth=34)


@pytest.mark.parametrize("place", ["online.backbone.", "teacher.backbone."])
def test_the_encoder_of_a_pre_training_is_found(weights, tmp_path, place):
    """Beside another encoder of the same names, whose weights are not taken."""
    public = torch.load(weights / "public.pth")
    state = {f"{place}{key}": value for key, value in public.items()}
    other = "average.backbone." if place.startswith("online") else "student.backbone."
    state |= {f"{other}{key}": torch.zeros_like(v) for key, v in public.items()}
    torch.save(dict(state_dict=state), tmp_path / "epoch_1.pth")
    model = start(tmp_path / "epoch_1.pth")
    assert torch.equal(model.conv1.weight, public["conv1.weight"])


@pytest.fixture(scope="module")
def two_streams(tmp_path_factory):
    """A pre-training's backbone with a stem for each modality."""
    with DefaultScope.overwrite_default_scope("mmpsearch"):
        backbone = MODELS.build(dict(type="mmpsearch.TwoStreamResNet", depth=18))
    state = {f"backbone.{k}": v for k, v in backbone.state_dict().items()}
    file = tmp_path_factory.mktemp("streams") / "two.pth"
    torch.save(dict(state_dict=state), file)
    return file


@pytest.mark.parametrize(
    "backbone", [RESNET18, dict(type="mmpsearch.ChannelAttentionResNet", depth=18)]
)
def test_a_missing_stem_is_refused_and_can_be_chosen(two_streams, backbone):
    message = "'conv1.weight', of the first layer .* choose one by init_cfg.stream=rgb"
    with pytest.raises(CheckpointError, match=message):
        start(two_streams, backbone=backbone)
    state = torch.load(two_streams)["state_dict"]
    for stream in ("rgb", "ir"):
        init = dict(type="Pretrained", checkpoint=str(two_streams), stream=stream)
        model = MODELS.build({**backbone, "init_cfg": init})
        model.init_weights()
        wanted = state[f"backbone.stems.{stream}.conv1.weight"]
        assert torch.equal(model.state_dict()["conv1.weight"], wanted)
    init["stream"] = "thermal"
    model = MODELS.build({**backbone, "init_cfg": init})
    with pytest.raises(CheckpointError, match="has no stem 'thermal'"):
        model.init_weights()

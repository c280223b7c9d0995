"""Start weights by name: every name, every config, in the publishers' own files."""

import logging
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.model import BaseModule
from mmengine.registry import DefaultScope

from mmpsearch.errors import CheckpointError
from mmpsearch.registry import MODELS
from mmpsearch.zoo import DownloadError, ZooError, catalogue, find
from mmpsearch.zoo.start_weights import (
    RANDOM,
    SCRATCH,
    is_published,
    locate,
    prepare,
    start_weights,
)

from ..publisher_files import offer_start_weights, value_of

ROOT = Path(__file__).parents[2]
CONVNEXT = dict(type="mmpsearch.ConvNeXt", arch="tiny")
NAMES = sorted(
    entry.name
    for entry in catalogue().values()
    if entry.task == "backbone" and entry.files
)
CONFIGS = sorted(
    path
    for path in (ROOT / "configs").rglob("*.py")
    if "_base_" not in path.parts and is_published(path)
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return offer_start_weights(tmp_path_factory.mktemp("publishers"))


@pytest.fixture(autouse=True)
def offered(environment, monkeypatch):
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    # a log line for every parameter
    monkeypatch.setattr(BaseModule, "_dump_init_info", lambda self: None)
    with DefaultScope.overwrite_default_scope("mmpsearch"):
        yield


def named(name, backbone, **init):
    """A backbone that starts from a name."""
    init = dict(type="mmpsearch.Named", name=name, **init)
    model = MODELS.build({**backbone, "init_cfg": init})
    model.init_weights()
    return model


def repeated(tensor) -> bool:
    return bool((tensor == tensor.flatten()[0]).all())


def small_first(labels) -> list:
    """Large models, whose making takes seconds, are of the slow tests."""
    large = ("base", "resnet101", "resnet152")
    return [
        pytest.param(label, marks=pytest.mark.slow)
        if any(word in label for word in large)
        else label
        for label in labels
    ]


@pytest.mark.parametrize("name", small_first(NAMES))
def test_every_name_fills_its_backbone(name):
    """Each weight is one of the publisher's: none is left as it was made."""
    model = named(name, dict(find(name).settings["backbone"]))
    for key, value in model.named_parameters():
        if "semantic" in key and "imagenet" in name:
            continue  # not of ImageNet's
        assert repeated(value), key


@torch.no_grad()
def test_a_publisher_s_key_ends_where_it_belongs():
    model = named("convnext_tiny_imagenet", CONVNEXT)
    weight = model.stages[0][2].depthwise_conv.weight
    wanted = value_of("features.1.2.block.0.weight")
    assert float(weight[0, 0, 0, 0]) == pytest.approx(wanted)
    model = named("vit_small_personvit", dict(type="mmpsearch.VisionTransformer"))
    wanted = value_of("backbone.blocks.3.attn.qkv.weight")
    assert float(model.blocks[3].attn.qkv.weight[0, 0]) == pytest.approx(wanted)
    model = named("resnet50_luperson", dict(type="mmpsearch.BranchedResNet"))
    wanted = value_of("module.encoder_q.layer4.2.conv3.weight")
    for branch in model.branches:
        weight = branch["layer4"][2].conv3.weight
        assert float(weight[0, 0, 0, 0]) == pytest.approx(wanted)


def modules_with_names() -> dict[str, tuple[str, dict]]:
    """Every different module that a config starts by name, once."""
    found = {}
    for path in CONFIGS:
        model = Config.fromfile(path).get("model")
        for weights in start_weights(model):
            if weights.name in (RANDOM, SCRATCH):
                continue
            part = model
            for key in weights.place.split(".")[1:]:
                part = part[int(key)] if key.isdigit() else part[key]
            label = f"{weights.name}-{part['type'].rpartition('.')[2]}-{len(found)}"
            if part not in [known for _, known in found.values()]:
                found[label] = (str(path.relative_to(ROOT)), dict(part))
    return found


@pytest.mark.parametrize("label", small_first(MODULES := modules_with_names()))
def test_every_config_s_module_starts_from_its_name(label):
    """What the publisher's file has is loaded; a method's own parts start anew."""
    _, part = MODULES[label]
    model = MODELS.build(dict(part))
    own = {key: value.clone() for key, value in model.named_parameters()}
    model.init_weights()
    filled = [key for key, value in model.named_parameters() if repeated(value)]
    changed = [k for k, v in model.named_parameters() if not torch.equal(v, own[k])]
    assert len(filled) >= 0.75 * len(own)
    new = ("non_local", "alleviation", "cells", "attention", "semantic", "pos_embed")
    for key in own.keys() - set(filled):
        assert any(word in key for word in new), key
    assert "pos_embed" not in own or "pos_embed" in changed


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_no_published_config_starts_at_random_silently(path):
    """It names its weights, or says that the recipe was published without."""
    config = Config.fromfile(path)
    if config.get("train_cfg") is None:
        return
    found = start_weights(config.model)
    assert any(w.place == "model.backbone" or "branch" in w.place for w in found) or (
        config.model.type.endswith("SpCL")
    ), found
    assert RANDOM not in [w.name for w in found]


def test_the_position_embedding_fits_the_image():
    kind = dict(type="mmpsearch.VisionTransformer", image_size=(384, 128))
    for name in ("vit_small_personvit", "vit_small_dino"):
        embedding = named(name, kind).pos_embed.detach()
        assert embedding.shape == (1, 1 + 24 * 8, 384)
        # the same number everywhere stays so, but for rounding
        assert float(embedding.std()) < 1e-6


def test_a_file_in_place_of_the_name(environment):
    file = Path(environment["MMPSEARCH_MIRROR"]) / "convnext_tiny-983f1562.pth"
    by_name = named("convnext_tiny_imagenet", CONVNEXT).state_dict()
    converted = locate("convnext_tiny_imagenet")
    for init in (
        dict(name="not-asked", checkpoint=str(file)),  # as the publisher wrote it
        dict(name=str(file)),
        dict(name="not-asked", checkpoint=str(converted)),
    ):
        model = named(backbone=CONVNEXT, **init)
        for key, value in model.state_dict().items():
            assert torch.equal(value, by_name[key]), key


def test_random_and_scratch_are_the_class_s_own_start(monkeypatch):
    said = []
    monkeypatch.setattr(
        "mmpsearch.engine.named_init.print_log", lambda text, **_: said.append(text)
    )
    kind = dict(type="mmpretrain.ResNet", depth=18, base_channels=8, stem_channels=8)
    torch.manual_seed(0)
    own = MODELS.build(kind)
    own.init_weights()
    for name in (SCRATCH, RANDOM):
        torch.manual_seed(0)
        model = named(name, kind)
        for key, value in model.state_dict().items():
            assert torch.equal(value, own.state_dict()[key]), key
    assert said == ["ResNet STARTS FROM RANDOM WEIGHTS"]


def test_parts_do_not_undo_the_loading():
    """MMPretrain's residual norms start at zero where nothing is loaded."""
    model = named("resnet50_imagenet", dict(type="mmpretrain.ResNet", depth=50))
    wanted = value_of("layer1.0.bn3.weight")
    assert float(model.layer1[0].bn3.weight[0].detach()) == pytest.approx(wanted)


def test_an_address_is_the_catalogue_s():
    assert locate("torchvision://resnet50").name == "resnet50-0676ba61.pth"
    init = dict(type="Pretrained", checkpoint="torchvision://resnet50")
    found = start_weights(dict(backbone=dict(init_cfg=init)))
    assert [str(w) for w in found] == ["model.backbone: resnet50_imagenet"]


def test_preparing_says_where_and_the_ways_out(monkeypatch, tmp_path):
    monkeypatch.setenv("MMPSEARCH_HOME", str(tmp_path))
    monkeypatch.setenv("MMPSEARCH_MIRROR", "")
    stage = dict(init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"))
    with pytest.raises(DownloadError) as caught:
        prepare(dict(backbone=stage, head=dict(stages=[stage])))
    text = str(caught.value)
    assert text.startswith("model.backbone: https://download.pytorch.org/")
    assert "mmpsearch download resnet50_imagenet --from FILE" in text
    assert "MMPSEARCH_MIRROR" in text
    assert (
        "model.backbone.init_cfg.name=random model.head.stages.0.init_cfg.name=random"
        in text
    )
    for name, error, message in (
        ("resnet50_imagnet", ZooError, "did you mean resnet50_imagenet"),
        ("weights/resnet50.pth", CheckpointError, "there is no such file"),
    ):
        init = dict(type="mmpsearch.Named", name=name)
        with pytest.raises(error, match=f"model.backbone: .*{message}"):
            prepare(dict(backbone=dict(init_cfg=init)))


def test_what_was_pre_trained_as_a_whole_needs_no_other_weights():
    init = dict(type="mmpsearch.Named", name="convnext_tiny_imagenet")
    model = dict(backbone=dict(init_cfg=init), pretrained=dict(checkpoint="qc.pth"))
    assert [str(w) for w in start_weights(model)] == ["model.pretrained: qc.pth"]
    model["pretrained"]["checkpoint"] = None
    assert [w.name for w in start_weights(model)] == ["convnext_tiny_imagenet"]


def test_random_weights_of_a_published_recipe_are_said_once_and_early(monkeypatch):
    from mmpsearch.engine import start_weights as module

    said = []
    monkeypatch.setattr(
        module,
        "print_log",
        lambda text, level=logging.INFO, **_: said.append((level, text)),
    )
    path = ROOT / "configs/spnet/spnet-s_convnext-t_oc-finetune_prw.py"
    config = Config.fromfile(path)
    module.announce_start_weights(config)
    assert said.pop(0)[1].startswith("start weights: model.backbone: convnext_tiny_im")
    assert said == []
    monkeypatch.setattr(module.NamedInit, "said_aloud", False)
    config.model.backbone.init_cfg.name = "random"
    module.announce_start_weights(config)
    assert [level for level, _ in said] == [logging.INFO, logging.WARNING]
    assert "model.backbone STARTS FROM RANDOM WEIGHTS" in said[1][1]
    said.clear()
    config.model.backbone.init_cfg = None
    module.announce_start_weights(config)
    assert [level for level, _ in said] == [logging.WARNING]
    said.clear()
    config.resume = True
    module.announce_start_weights(config)
    assert said == []

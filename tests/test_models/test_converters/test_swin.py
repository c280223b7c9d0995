import math

import pytest
import torch
import torchvision
from mmengine.config import Config
from torch.testing import assert_close

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones import SemanticSwin
from mmpsearch.models.converters.swin import convert_swin
from mmpsearch.registry import MODELS


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return SemanticSwin("tiny", out_indices=(0, 1, 2, 3)).state_dict()


def test_teacher_of_pre_training(tiny):
    teacher = {f"backbone.{k}": v for k, v in tiny.items()}
    teacher["head.mlp.0.weight"] = torch.zeros(1)
    converted, report = convert_swin({"teacher": teacher, "epoch": 1})
    assert not report.unmatched
    assert set(report.ignored.values()) == {
        "computed anew",
        "norm of the first stage",
        "not under 'backbone.'",
    }
    model = SemanticSwin("tiny", out_indices=(1, 2, 3))
    missing = model.load_state_dict(
        {k.removeprefix("backbone."): v for k, v in converted.items()}, strict=False
    )
    assert all(k.endswith("relative_position_index") for k in missing.missing_keys)
    assert not missing.unexpected_keys
    assert_close(
        converted["backbone.semantic_embed_w.0.weight"],
        tiny["semantic_embed_w.0.weight"],
    )


@pytest.fixture(scope="module")
def imagenet():
    """Torchvision's Swin-T; blocks, biases and norms matter."""
    torch.manual_seed(0)
    model = torchvision.models.swin_t(weights=None).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1 or parameter.shape[0] == 169:
                parameter.add_(torch.randn_like(parameter) / 5)
    return model


def microsoft_s_names(state):
    """A torchvision state dict under the original names."""
    names = {}
    for key, value in state.items():
        if key.startswith("features.0."):
            new = key.replace("features.0.0", "patch_embed.proj")
            new = new.replace("features.0.2", "patch_embed.norm")
        elif key.startswith("features."):
            _, position, rest = key.split(".", 2)
            stage, merges = divmod(int(position) - 1, 2)
            rest = rest.replace("mlp.0", "mlp.fc1").replace("mlp.3", "mlp.fc2")
            new = f"layers.{stage}.{'downsample' if merges else 'blocks'}.{rest}"
        else:
            new = key
        names[new] = value
    return names


@torch.no_grad()
@pytest.mark.parametrize("layout", ["torchvision", "microsoft"])
def test_imagenet_s_gives_the_same_features(imagenet, layout, tmp_path):
    state = imagenet.state_dict()
    if layout == "microsoft":
        state = {"model": microsoft_s_names(state)}
    converted, report = convert_swin(state)
    assert not report.unmatched
    assert set(report.ignored.values()) == {
        "computed anew",
        "projection head of pre-training, or classifier",
    }
    torch.save({"state_dict": converted}, tmp_path / "ours.pth")
    init = {"checkpoint": str(tmp_path / "ours.pth"), "prefix": "backbone."}
    model = SemanticSwin(
        "tiny", out_indices=(1, 2, 3), init_cfg={"type": "Pretrained", **init}
    ).eval()
    model.init_weights()
    own = {k for k in model.state_dict() if not k.endswith("position_index")}
    assert own - {k.removeprefix("backbone.") for k in converted} == {
        *(f"norm{i}.{name}" for i in (1, 2) for name in ("weight", "bias")),
        *(k for k in own if k.startswith("semantic_embed")),
    }
    for layer in model.semantic_embed_w:
        layer.bias.fill_(math.log(math.e - 1))  # softplus of it is 1
    x = torch.randn(1, 3, 448, 256)  # the last map is of two windows: 14 x 8 cells
    expected = imagenet.permute(imagenet.norm(imagenet.features(x)))
    assert_close(model(x)[2], expected, rtol=1e-3, atol=1e-3)


def test_less_than_the_backbone_is_refused(tiny):
    fewer = {k: v for k, v in tiny.items() if k != "semantic_embed_w.0.weight"}
    with pytest.raises(ConversionError, match="Swin-tiny: semantic_embed_w.0.weight"):
        convert_swin(fewer)
    fewer = {k: v for k, v in tiny.items() if k != "stages.1.downsample.norm.bias"}
    with pytest.raises(ConversionError, match="Swin-tiny: stages.1.downsample.norm"):
        convert_swin(fewer)
    fewer = {k: v for k, v in tiny.items() if not k.startswith("stages.2.blocks.5.")}
    with pytest.raises(ConversionError, match="width 96 and 5 blocks in its third"):
        convert_swin(fewer)


def test_a_fine_tuned_model_of_solider_reid(tiny):
    """Backbone, BNNeck and classifier fill the whole re-identification model."""
    config = Config.fromfile("configs/reid/solider/solider_swin-t_market1501.py")
    config.model.backbone.init_cfg = None
    model = MODELS.build(config.model)
    public = {f"base.{k}": v for k, v in tiny.items()}
    names = ("weight", "bias", "running_mean", "running_var")
    public |= {f"bottleneck.{name}": torch.rand(768) for name in names}
    public["classifier.weight"] = torch.rand(751, 768)
    converted, report = convert_swin(public)
    assert not report.unmatched
    found = model.load_state_dict(converted, strict=False)
    others = ("backbone.norm1.", "backbone.norm2.")  # of stages that are not returned
    assert all(key.startswith(others) for key in found.unexpected_keys)
    computed = ("relative_position_index", "num_batches_tracked")
    assert all(key.endswith(computed) for key in found.missing_keys)
    neck = model.heads["whole"].bottleneck
    assert_close(neck.running_var, public["bottleneck.running_var"])

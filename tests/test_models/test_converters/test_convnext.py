import sys
from importlib import util
from pathlib import Path

import pytest
import torch
import torchvision
from torch.testing import assert_close

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones import ConvNeXt
from mmpsearch.models.converters.convnext import convert_convnext
from mmpsearch.registry import MODELS

TOOL = Path(__file__).parents[3] / "tools/model_converters/convert_convnext.py"


@pytest.fixture(scope="module")
def tiny():
    """Torchvision's ConvNeXt-T with blocks that matter."""
    torch.manual_seed(0)
    model = torchvision.models.convnext_tiny(weights=None).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("layer_scale"):
                parameter.uniform_(0.1, 0.5)
            elif parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) / 10)
    return model


def features(model, x):
    outputs = []
    for position, layer in enumerate(model.features):
        x = layer(x)
        if position in (3, 5, 7):
            outputs.append(x)
    return outputs


@torch.no_grad()
def test_from_file_to_backbone(tiny, tmp_path, monkeypatch, capsys):
    """The tool's file is what ``init_cfg`` wants."""
    spec = util.spec_from_file_location("convert_convnext_tool", TOOL)
    tool = util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    source, target = tmp_path / "convnext_tiny.pth", tmp_path / "ours.pth"
    torch.save({f"module.{k}": v for k, v in tiny.state_dict().items()}, source)
    monkeypatch.setattr(sys, "argv", [str(TOOL), str(source), str(target)])
    assert tool.main() == 0
    assert "182 keys converted, 0 ignored, 0 unknown" in capsys.readouterr().out
    init = {"type": "Pretrained", "checkpoint": str(target), "prefix": "backbone."}
    backbone = MODELS.build(
        {"type": "mmpsearch.ConvNeXt", "arch": "tiny", "init_cfg": init}
    )
    backbone.init_weights()
    backbone.eval()
    x = torch.randn(1, 3, 64, 96)
    for ours, theirs in zip(backbone(x), features(tiny, x), strict=True):
        assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("arch", ["base"])
def test_other_sizes(arch):
    with torch.device("meta"):
        state = getattr(torchvision.models, f"convnext_{arch}")(weights=None)
    converted, report = convert_convnext(state.state_dict())
    assert not report.unmatched
    assert len(converted) == len(report.renamed) == 344


def test_mmpretrain_s_weights_stay_as_they_are():
    state = ConvNeXt(arch="tiny").state_dict()
    public = {f"backbone.{k}": v for k, v in state.items()}
    public |= {"backbone.norm3.weight": torch.zeros(768), "head.fc.bias": torch.ones(2)}
    converted, report = convert_convnext({"state_dict": public, "meta": {}})
    assert not report.unmatched and not report.ignored
    assert converted.keys() == public.keys()
    assert all(torch.equal(value, public[key]) for key, value in converted.items())


@torch.no_grad()
def test_the_classifier_is_the_one_that_distillation_looks_for(tiny, tmp_path):
    converted, _ = convert_convnext(tiny.state_dict())
    torch.save({"state_dict": converted}, tmp_path / "ours.pth")
    backbone = ConvNeXt(arch="tiny", init_cfg=None)
    distillation = MODELS.build(
        {
            "type": "mmpsearch.SceneDistillation",
            "backbone": backbone,
            "checkpoint": str(tmp_path / "ours.pth"),
        }
    )
    distillation.start_from(backbone)
    last_map = torch.randn(2, 768, 2, 3)
    expected = tiny.classifier(tiny.avgpool(last_map))
    assert_close(distillation.classifier(last_map), expected)


def test_less_than_the_backbone_is_refused(tiny):
    state = tiny.state_dict()
    assert convert_convnext({**state, "features.9.x": torch.zeros(1)})[1].unmatched
    fewer = {k: v for k, v in state.items() if k != "features.7.2.block.2.bias"}
    with pytest.raises(
        ConversionError, match=r"ConvNeXt-tiny: stages.3.2.norm.bias is mis"
    ):
        convert_convnext(fewer)
    fewer = {k: v for k, v in state.items() if not k.startswith("features.5.8.")}
    with pytest.raises(ConversionError, match="width 96 and 8 blocks in its third"):
        convert_convnext(fewer)
    with pytest.raises(ConversionError, match="under a known prefix"):
        convert_convnext(torchvision.models.resnet18().state_dict())

from pathlib import Path

import pytest
import torch
import torchvision
from mmengine.config import Config
from torch.testing import assert_close

from mmpsearch.errors import ConversionError
from mmpsearch.models.backbones import ReIDResNet
from mmpsearch.models.converters.resnet import convert_resnet
from mmpsearch.registry import MODELS


def load(converted, **settings):
    model = ReIDResNet(**settings).eval()
    model.load_state_dict(
        {k.removeprefix("backbone."): v for k, v in converted.items()}
    )
    return model


@torch.no_grad()
def test_torchvision_gives_the_same_features():
    torch.manual_seed(0)
    public = torchvision.models.resnet18().eval()
    converted, report = convert_resnet(public.state_dict())
    assert set(report.ignored) == {"fc.weight", "fc.bias"} and not report.unmatched
    model = load(converted, depth=18, strides=(1, 2, 2, 2))
    x = torch.randn(1, 3, 64, 64)
    want = torch.nn.Sequential(*list(public.children())[:-2])(x)
    assert_close(model(x)[0], want)


@torch.no_grad()
def test_spnet_s_resnet50_starts_from_torchvision_s(tmp_path):
    torch.manual_seed(0)
    public = torchvision.models.resnet50().eval()
    for module in public.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.8, 1.2)
    torch.save({"state_dict": convert_resnet(public.state_dict())[0]}, tmp_path / "r")
    base = Path(__file__).parents[3] / "configs/_base_/models/spnet-l_r50.py"
    options = Config.fromfile(base).model.backbone
    options.init_cfg = dict(
        type="Pretrained", checkpoint=str(tmp_path / "r"), prefix="backbone."
    )
    backbone = MODELS.build(options)
    backbone.init_weights()
    backbone.eval()
    x = torch.randn(1, 3, 64, 96)
    outputs = backbone(x)
    x = public.layer1(public.maxpool(public.relu(public.bn1(public.conv1(x)))))
    for output, layer in zip(
        outputs, (public.layer2, public.layer3, public.layer4), strict=True
    ):
        x = layer(x)
        assert_close(output, x, rtol=1e-3, atol=1e-4)


def test_luperson_takes_the_query_encoder():
    plain = torchvision.models.resnet50().state_dict()
    moco = {f"module.encoder_q.{k}": v for k, v in plain.items() if "fc" not in k}
    moco["module.encoder_q.fc.0.weight"] = torch.zeros(2, 2)
    moco["module.encoder_q.fc.2.weight"] = torch.zeros(2, 2)
    moco |= {f"module.encoder_k.{k}": v * 0 for k, v in plain.items()}
    moco["module.queue"] = torch.zeros(4, 4)
    converted, report = convert_resnet({"epoch": 200, "state_dict": moco})
    assert not report.unmatched and len(report.renamed) == len(converted) == 318
    assert "module.queue" in report.ignored
    assert report.ignored["module.encoder_q.fc.2.weight"] == "classifier or projector"
    for key, value in converted.items():
        assert_close(value, plain[key.removeprefix("backbone.")])


def test_ibn_and_depth_are_found():
    state = ReIDResNet(34, ibn=True).state_dict()
    converted, _ = convert_resnet({f"backbone.{k}": v for k, v in state.items()})
    load(converted, depth=34, ibn=True)


def test_unknown_keys_are_reported():
    state = torchvision.models.resnet18().state_dict()
    _, report = convert_resnet({**state, "layer1.0.se.weight": torch.zeros(1)})
    assert report.unmatched == ["layer1.0.se.weight"]
    assert "unknown: layer1.0.se.weight" in str(report)


def test_less_than_the_backbone_is_refused():
    state = torchvision.models.resnet18().state_dict()
    del state["layer4.1.conv2.weight"]
    with pytest.raises(ConversionError, match=r"ResNet-18: layer4.1.conv2.weight is m"):
        convert_resnet(state)
    with pytest.raises(ConversionError, match="under a known prefix"):
        convert_resnet(torchvision.models.vgg11().state_dict())
    with pytest.raises(
        ConversionError, match="holds no weights; its entries are epoch"
    ):
        convert_resnet({"epoch": 3})
    some = {k: v for k, v in state.items() if not k.startswith("layer3.1.")}
    with pytest.raises(ConversionError, match=r"\(2, 2, 1, 2\) are those of no ResNet"):
        convert_resnet(some)

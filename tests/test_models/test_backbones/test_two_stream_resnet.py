import pytest
import torch
from mmpretrain.models import ResNet
from torch.testing import assert_close

from mmpsearch.models.backbones import TwoStreamResNet

NARROW = dict(depth=18, stem_channels=8, base_channels=8)
RGB, IR = 0, 1


def two_streams(**settings) -> TwoStreamResNet:
    """A network whose stems and statistics differ between the modalities."""
    torch.manual_seed(0)
    model = TwoStreamResNet(**NARROW, **settings)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
    return model


@torch.no_grad()
def test_rows_keep_their_places_in_any_order():
    model = two_streams().eval()
    x = torch.randn(5, 3, 48, 24)
    modalities = torch.tensor([IR, RGB, RGB, IR, RGB])
    (mixed,) = model(x, modalities)
    for row, modality in enumerate(modalities):
        (alone,) = model(x[row : row + 1], modality[None])
        assert_close(mixed[row : row + 1], alone)
    (other,) = model(x, 1 - modalities)
    assert (other - mixed).abs().amin(dim=0).max() > 1e-3


@torch.no_grad()
def test_stems_see_their_modality_and_stages_see_both():
    model = two_streams().train()
    x = torch.cat((torch.randn(4, 3, 48, 24), 3 + torch.randn(4, 3, 48, 24)))
    modalities = torch.tensor([RGB] * 4 + [IR] * 4)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model(x, modalities)
    for name, rows in (("rgb", x[:4]), ("ir", x[4:])):
        key = f"stems.{name}.bn1.running_mean"
        seen = model.stems[name].conv1(rows).mean(dim=(0, 2, 3))
        assert_close(model.state_dict()[key], 0.9 * before[key] + 0.1 * seen)
    stems = [
        model.maxpool(model.relu(model.stems[name](rows)))
        for name, rows in (("rgb", x[:4]), ("ir", x[4:]))
    ]
    seen = model.layer1[0].conv1(torch.cat(stems)).mean(dim=(0, 2, 3))
    key = "layer1.0.bn1.running_mean"
    assert_close(model.state_dict()[key], 0.9 * before[key] + 0.1 * seen)


@torch.no_grad()
def test_one_modality_leaves_the_other_s_statistics_alone():
    model = two_streams().train()
    before = model.stems["ir"].bn1.running_mean.clone()
    model(torch.randn(2, 3, 48, 24), torch.tensor([RGB, RGB]))
    assert torch.equal(model.stems["ir"].bn1.running_mean, before)


@pytest.mark.parametrize("share", ["none", "stem"])
def test_a_plain_network_is_given_to_both_modalities(share, tmp_path):
    torch.manual_seed(1)
    plain = ResNet(strides=(1, 2, 2, 1), **NARROW)
    plain.eval()  # returns nothing
    path = tmp_path / "plain.pth"
    torch.save({f"backbone.{k}": v for k, v in plain.state_dict().items()}, path)
    init = dict(type="Pretrained", checkpoint=str(path), prefix="backbone.")
    model = TwoStreamResNet(share=share, init_cfg=init, **NARROW).eval()
    model.init_weights()
    x = torch.randn(2, 3, 48, 24)
    with torch.no_grad():
        (want,), (got,) = plain(x), model(x, torch.tensor([RGB, IR]))
    assert_close(got, want)


def test_own_weights_load_strictly_and_two_stems_do_not_fit_one():
    model = two_streams()
    again = TwoStreamResNet(**NARROW)
    again.load_state_dict(model.state_dict())
    assert_close(again.stems["ir"].conv1.weight, model.stems["ir"].conv1.weight)
    one = TwoStreamResNet(share="stem", **NARROW)
    with pytest.raises(ValueError, match="choose a one-stream pre-training"):
        one.load_state_dict(model.state_dict())


@pytest.mark.parametrize("init", [None, dict(type="Pretrained", checkpoint=None)])
def test_from_scratch_as_the_released_code(init):
    torch.manual_seed(0)
    model = TwoStreamResNet(
        depth=50, non_local=(0, 2, 3, 0), base_channels=32, init_cfg=init
    )
    model.init_weights()
    convolution = model.layer4[1].conv2
    fan_out = convolution.out_channels * 9
    std = convolution.weight.std().item()
    assert std == pytest.approx((2 / fan_out) ** 0.5, rel=0.02)
    assert model.layer4[1].bn3.weight.min() == 1  # residual branches are not zero
    block = model.non_local[1][0]
    limit = 256**-0.5  # PyTorch's default: uniform in +- 1 / sqrt(fan_in)
    assert 0.9 * limit < block.g.weight.abs().max().item() <= limit
    assert block.W[1].weight.abs().max() == 0


def test_errors():
    with pytest.raises(ValueError, match="must be 'none' or 'stem', got 'all'"):
        TwoStreamResNet(share="all", **NARROW)
    with pytest.raises(ValueError, match="neither frozen_stages"):
        TwoStreamResNet(frozen_stages=1, **NARROW)
    with pytest.raises(ValueError, match="each image's modality"):
        TwoStreamResNet(**NARROW)(torch.zeros(1, 3, 48, 24))


def test_trained_non_local_blocks_are_loaded_and_new_ones_are_the_identity(tmp_path):
    torch.manual_seed(0)
    source = TwoStreamResNet(non_local=(0, 1, 0, 0), **NARROW)
    for parameter in source.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    torch.save(source.state_dict(), tmp_path / "s.pth")
    init = dict(type="Pretrained", checkpoint=str(tmp_path / "s.pth"))
    model = TwoStreamResNet(non_local=(0, 1, 1, 0), init_cfg=init, **NARROW)
    model.init_weights()
    weight = source.non_local[1][0].W[1].weight
    assert torch.equal(model.non_local[1][0].W[1].weight, weight)
    assert model.non_local[2][0].W[1].weight.abs().max() == 0


def test_width_of_non_local_blocks():
    for reduction, width in ((None, 1), (2, 8)):
        model = TwoStreamResNet(
            non_local=(0, 1, 0, 0), non_local_reduction=reduction, **NARROW
        )
        assert model.non_local[1][0].g.out_channels == width

import pytest
import torch
from mmpretrain.models import ResNet
from torch.testing import assert_close

from mmpsearch.models.backbones import BranchedResNet, ReIDResNet
from mmpsearch.models.backbones.non_local import NonLocalBlock
from mmpsearch.models.layers.instance_batch_norm import InstanceBatchNorm

NARROW = dict(stem_channels=8, base_channels=4)


def fill_norms(model):
    """Statistics that tell the norms apart."""
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)


@torch.no_grad()
def test_plain_equals_mmpretrain_and_fresh_non_local_blocks_change_nothing():
    strides = (1, 2, 2, 1)
    reference = ResNet(50, strides=strides, out_indices=(3,), **NARROW)
    reference.eval()  # returns nothing
    fill_norms(reference)
    model = ReIDResNet(50, non_local=(0, 2, 3, 0), **NARROW).eval()
    model.init_weights()
    names = model.load_state_dict(reference.state_dict(), strict=False)
    assert all(name.startswith("non_local.") for name in names.missing_keys)
    x = torch.randn(2, 3, 64, 32)
    (got,), (want,) = model(x), reference(x)
    assert got.shape == (2, 128, 4, 2)
    assert_close(got, want)


def test_places_of_ibn_and_non_local():
    model = ReIDResNet(50, ibn=True, non_local=(0, 2, 3, 0), **NARROW)
    ibn = [n for n, m in model.named_modules() if isinstance(m, InstanceBatchNorm)]
    assert ibn == [
        f"layer{s}.{b}.bn1" for s, n in ((1, 3), (2, 4), (3, 6)) for b in range(n)
    ]
    blocks = [m for m in model.modules() if isinstance(m, NonLocalBlock)]
    assert [b.g.in_channels for b in blocks] == [32, 32, 64, 64, 64]
    with pytest.raises(ValueError, match="layer1 has 3 blocks"):
        ReIDResNet(50, non_local=(4, 0, 0, 0), **NARROW)


@torch.no_grad()
def test_branches_start_as_the_plain_network():
    plain = ReIDResNet(50, strides=(1, 2, 2, 2), **NARROW).eval()
    fill_norms(plain)
    stride_1 = ReIDResNet(50, strides=(1, 2, 2, 1), **NARROW).eval()
    stride_1.load_state_dict(plain.state_dict())
    branched = BranchedResNet(50, **NARROW).eval()
    branched.load_state_dict(plain.state_dict())
    x = torch.randn(1, 3, 64, 32)
    first, second, third = branched(x)
    assert_close(first, plain(x)[0])
    assert_close(second, stride_1(x)[0])
    assert_close(third, second)
    again = BranchedResNet(50, **NARROW).eval()
    again.load_state_dict(branched.state_dict())
    assert_close(again(x)[1], second)


def test_branches_are_loaded_by_the_runner_too(tmp_path):
    plain = ReIDResNet(50, **NARROW)
    torch.save(
        {"state_dict": {f"backbone.{k}": v for k, v in plain.state_dict().items()}},
        tmp_path / "r.pth",
    )
    init = dict(
        type="Pretrained", checkpoint=str(tmp_path / "r.pth"), prefix="backbone."
    )
    model = BranchedResNet(50, init_cfg=init, branch_norm=True, **NARROW)
    model.init_weights()
    for branch in model.branches:
        assert_close(branch["layer3"][0].conv1.weight, plain.layer3[1].conv1.weight)
        assert_close(branch["layer4"][2].conv3.weight, plain.layer4[2].conv3.weight)
        assert branch["norm"].num_features == 128
    assert_close(model.layer3[0].conv1.weight, plain.layer3[0].conv1.weight)

"""ResNets without their end."""

import pytest
import torch
from torchvision.models import resnet18

from mmpsearch.models.backbones import StemResNet


def test_weights_and_numbers_are_torchvisions():
    torch.manual_seed(0)
    reference = resnet18().eval()
    stem = StemResNet(18, left_out=1).eval()
    missing, _ = stem.load_state_dict(reference.state_dict(), strict=False)
    assert missing == []
    x = torch.randn(1, 3, 64, 32)
    y = reference.maxpool(reference.relu(reference.bn1(reference.conv1(x))))
    y = reference.layer3[0](reference.layer2(reference.layer1(y)))
    (found,) = stem(x)
    torch.testing.assert_close(found, y, rtol=1e-4, atol=1e-5)
    assert not any(key.startswith("layer4") for key in stem.state_dict())


def test_the_first_layer_can_be_frozen_alone():
    stem = StemResNet(18, freeze_first=True, stem_channels=8, base_channels=8).train()
    frozen = {n for n, p in stem.named_parameters() if not p.requires_grad}
    assert frozen == {"conv1.weight", "bn1.weight", "bn1.bias"}
    assert stem.bn1.training


def test_something_must_be_left():
    with pytest.raises(ValueError, match="conv4 has 2 blocks"):
        StemResNet(18, left_out=2)

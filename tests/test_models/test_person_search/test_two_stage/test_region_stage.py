"""The trunk of region heads."""

import pytest
import torch
from torchvision.models import resnet18
from torchvision.ops import roi_align, roi_pool

from mmpsearch.models.search_heads import RegionStage

BOXES = torch.tensor([[0.0, 0.0, 64.0, 128.0], [16.0, 32.0, 48.0, 96.0]])
INDEX = torch.tensor([0, 0])


def test_weights_and_numbers_are_torchvisions():
    torch.manual_seed(0)
    reference = resnet18().eval()
    stage = RegionStage(depth=18, leading_blocks=1, roi_size=(4, 2)).eval()
    missing, _ = stage.load_state_dict(reference.state_dict(), strict=False)
    assert missing == []
    feature_map = torch.randn(1, 256, 8, 4)
    before, after = stage(feature_map, BOXES, INDEX)
    rois = torch.cat([INDEX[:, None].float(), BOXES], dim=1)
    expected = roi_align(feature_map, rois, (4, 2), 1 / 16, 2, aligned=False)
    torch.testing.assert_close(before, expected)
    expected = reference.layer4(reference.layer3[1](expected))
    torch.testing.assert_close(after, expected, rtol=1e-4, atol=1e-5)
    assert (stage.in_channels, stage.out_channels) == (256, 512)


def test_options():
    kept = RegionStage(18, 4, stride=1, roi_size=(6, 3), roi_layer="pool")
    feature_map = torch.randn(1, 16, 8, 4)
    before, after = kept(feature_map, BOXES, INDEX)
    assert after.shape == (2, 32, 6, 3)
    rois = torch.cat([INDEX[:, None].float(), BOXES], dim=1)
    torch.testing.assert_close(before, roi_pool(feature_map, rois, (6, 3), 1 / 16))
    assert RegionStage(50, 4).out_channels == 128
    with pytest.raises(ValueError, match="roi_layer must be"):
        RegionStage(18, 4, roi_layer="max")


def test_frozen_norms_stay_as_they_are():
    stage = RegionStage(18, 4, frozen_norm=True).train()
    norm = stage.layer4[0].bn1
    assert not norm.training and not norm.weight.requires_grad
    before = norm.running_mean.clone()
    stage(torch.randn(1, 16, 8, 4), BOXES, INDEX)
    assert torch.equal(before, norm.running_mean)
    assert stage.layer4[0].conv1.weight.requires_grad


def test_no_boxes():
    stage = RegionStage(18, 4).train()
    feature_map = torch.randn(1, 16, 8, 4, requires_grad=True)
    _, after = stage(feature_map, BOXES[:0], INDEX[:0])
    after.mean(dim=(2, 3)).sum().backward()
    assert after.shape == (0, 32, 7, 7)
    assert all(p.grad.abs().max() == 0 for p in stage.parameters())

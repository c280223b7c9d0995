"""RoIAlign on one level, by hand and against torchvision's pooler."""

import pytest
import torch
from torchvision.ops import MultiScaleRoIAlign, RoIAlign

from mmpsearch.models.layers.roi_pooling import pool_boxes


def align(*size):
    return RoIAlign(size, 1 / 8, sampling_ratio=2, aligned=False)


def ramps(height, width):
    """A map that holds its own column and row numbers."""
    y, x = torch.meshgrid(
        torch.arange(height).float(), torch.arange(width).float(), indexing="ij"
    )
    return torch.stack([x, y])[None]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_bins_see_their_own_centres(dtype):
    # bfloat16 knows 129 or 257 only as 128 or 256: boxes must not be rounded to it
    box = torch.tensor([[129.0, 257.0, 161.0, 345.0]])
    pooled = pool_boxes(align(2, 4), ramps(64, 64).to(dtype), box, torch.tensor([0]))
    assert pooled.dtype == dtype
    # no half-pixel shift: pixel 129 is at column 129 / 8; bins 1 wide and 5.5 high
    columns = 129 / 8 + torch.tensor([0.5, 1.5, 2.5, 3.5])
    rows = 257 / 8 + torch.tensor([2.75, 8.25])
    expected = torch.stack([columns.expand(2, 4), rows[:, None].expand(2, 4)])
    rounding = 2**-8 if dtype == torch.bfloat16 else 1e-6
    torch.testing.assert_close(pooled[0].float(), expected, rtol=rounding, atol=0)


def test_boxes_stay_exact_under_autocast():
    box = torch.tensor([[129.0, 257.0, 161.0, 345.0]])
    index = torch.tensor([0])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        pooled = pool_boxes(align(2, 4), ramps(64, 64), box, index)
    assert torch.equal(pooled, pool_boxes(align(2, 4), ramps(64, 64), box, index))


def test_equals_torchvision_on_several_images():
    generator = torch.Generator().manual_seed(0)
    feature_map = torch.randn(3, 4, 12, 16, generator=generator)
    corners = torch.rand(20, 2, generator=generator) * 90
    boxes = torch.cat(
        [corners, corners + torch.rand(20, 2, generator=generator) * 60], 1
    )
    index = torch.randint(0, 3, (20,), generator=generator).sort().values
    pooler = MultiScaleRoIAlign(["p3"], output_size=(14, 14), sampling_ratio=2)
    lists = [boxes[index == image] for image in range(3)]
    theirs = pooler({"p3": feature_map}, lists, [(96, 128)] * 3)
    ours = pool_boxes(align(14, 14), feature_map, boxes, index)
    torch.testing.assert_close(ours, theirs)
    order = torch.randperm(20, generator=generator)
    shuffled = pool_boxes(align(14, 14), feature_map, boxes[order], index[order])
    assert torch.equal(shuffled, ours[order])


def test_no_boxes_stay_connected():
    feature_map = torch.randn(1, 4, 8, 8, requires_grad=True)
    pooled = pool_boxes(
        align(3, 2), feature_map, torch.zeros(0, 4), torch.zeros(0).long()
    )
    assert pooled.shape == (0, 4, 3, 2)
    pooled.sum().backward()
    assert feature_map.grad.abs().max() == 0

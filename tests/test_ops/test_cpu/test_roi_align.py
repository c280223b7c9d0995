"""RoIAlign as weighted cells against torchvision's kernel."""

import pytest
import torch
from torchvision.ops import RoIAlign

from mmpsearch.ops.cpu import roi_align, speed_up_on_cpu


@pytest.fixture
def calls(monkeypatch):
    made = []
    way = roi_align.weighted_cells

    def count(*arguments):
        made.append(arguments)
        return way(*arguments)

    monkeypatch.setattr(roi_align, "weighted_cells", count)
    return made


def boxes_of_all_kinds():
    generator = torch.Generator().manual_seed(0)
    corners = torch.rand(30, 2, generator=generator) * 180 - 40  # some lie outside
    sides = torch.rand(30, 2, generator=generator) * 90 - 10  # some are turned over
    index = torch.randint(0, 2, (30, 1), generator=generator).float()
    return torch.cat([index, corners, corners + sides], dim=1)


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("samples", [1, 2, 3])
def test_values_and_gradients(calls, aligned, samples):
    plain, fast = (RoIAlign((6, 3), 1 / 8, samples, aligned) for _ in range(2))
    assert speed_up_on_cpu(fast) == 1
    rois = boxes_of_all_kinds().requires_grad_()
    gradients, results = [], []
    factor = torch.randn(30, 5, 6, 3, generator=torch.Generator().manual_seed(2))
    for layer in (plain, fast):
        generator = torch.Generator().manual_seed(1)
        maps = torch.randn(2, 5, 12, 16, generator=generator).requires_grad_()
        results.append(layer(maps, rois))
        (results[-1] * factor).sum().backward()
        gradients.append(maps.grad)
    assert len(calls) == 1 and rois.grad is None
    torch.testing.assert_close(*results, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)


def test_a_single_number_is_both_sides_of_the_result(calls):
    layer = RoIAlign(4, 1.0, 2, False)
    speed_up_on_cpu(layer)
    assert layer(torch.rand(1, 2, 8, 8), torch.rand(3, 5).floor()).shape[2:] == (4, 4)
    assert calls


def test_what_is_left_to_torchvision(calls):
    assert speed_up_on_cpu(RoIAlign((6, 3), 1 / 8, 0)) == 0  # as many samples as fit
    layer = RoIAlign((6, 3), 1 / 8, 2)
    speed_up_on_cpu(layer)
    maps = torch.rand(2, 5, 12, 16)
    boxes = torch.tensor([[0.0, 0, 50, 90]])
    layer(maps, [boxes, boxes])
    layer(maps.half(), torch.cat([torch.zeros(1, 1), boxes], 1).half())
    assert not calls


def test_no_boxes_stay_connected(calls):
    layer = RoIAlign((3, 2), 1 / 8, 2)
    speed_up_on_cpu(layer)
    feature_map = torch.randn(1, 4, 8, 8, requires_grad=True)
    pooled = layer(feature_map, torch.zeros(0, 5))
    assert pooled.shape == (0, 4, 3, 2) and calls
    pooled.sum().backward()
    assert feature_map.grad.abs().max() == 0


def test_a_box_of_no_numbers_does_not_stop_training(calls):
    layer = RoIAlign((2, 2), 1 / 8, 2)
    speed_up_on_cpu(layer)
    rois = torch.full((1, 5), float("nan"))
    rois[0, 0] = 0
    assert layer(torch.rand(1, 2, 8, 8), rois).shape == (1, 2, 2, 2)
    assert calls

"""Detection losses against the public implementation and by hand."""

import math

import torch
import torch.nn.functional as F
from torchvision.ops import generalized_box_iou_loss

from mmpsearch.models.layers.boxes import decode_boxes
from mmpsearch.models.person_search.spnet.detection_losses import (
    binary_match_loss,
    focal_match_loss,
    giou_loss,
)
from tests.test_models.golden import golden_tensors


def test_focal_loss_equals_the_public_one():
    expected = golden_tensors("losses_detection_alone")
    kept = ~expected["ignore"]
    loss = focal_match_loss(expected["logit"][kept], expected["label"][kept] > 0)
    torch.testing.assert_close(loss, expected["anchor_focal"])
    kept = expected["matched_idxs"] != -2
    loss = focal_match_loss(
        expected["logit"][kept], expected["matched_idxs"][kept] >= 0
    )
    torch.testing.assert_close(loss, expected["anchor_focal_head"])


def test_class_loss_equals_the_public_one():
    expected = golden_tensors("losses_detection_alone")
    kept = expected["matched_idxs"] != -2
    loss = binary_match_loss(
        expected["logit"][kept], expected["matched_idxs"][kept] >= 0
    )
    torch.testing.assert_close(loss, expected["cls_xe_head"])


def test_giou_loss_equals_the_public_one():
    expected = golden_tensors("losses_detection_alone")
    boxes = decode_boxes(expected["reg"], expected["anchor_boxes"])
    loss = giou_loss(boxes, expected["gt_boxes"])
    torch.testing.assert_close(loss, expected["giou_mean"])
    for box, target, value in zip(
        boxes, expected["gt_boxes"], expected["giou_none"], strict=True
    ):
        torch.testing.assert_close(giou_loss(box[None], target[None]), value)


def test_by_hand():
    logits = torch.tensor([0.0, math.log(3.0), -math.log(3.0)])
    is_match = torch.tensor([True, True, False])
    # p_t = 1/2, 3/4, 3/4
    cross_entropy = math.log(2) + 2 * math.log(4 / 3)
    assert abs(binary_match_loss(logits, is_match) - cross_entropy / 2) < 1e-6
    focal = 0.5 * (0.5 * math.log(2) + 2 * 0.25 * math.log(4 / 3))
    assert abs(focal_match_loss(logits, is_match) - focal / 2) < 1e-6
    # matches count 0.9, the other 0.1; without focusing
    weighted = 0.9 * (math.log(2) + math.log(4 / 3)) + 0.1 * math.log(4 / 3)
    loss = focal_match_loss(logits, is_match, alpha=0.9, gamma=0.0)
    assert abs(loss - weighted / 2) < 1e-6
    # 10 x 10 boxes side by side with a gap of 10: IoU 0, hull 300, union 200
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0]])
    loss = giou_loss(boxes, boxes + torch.tensor([20.0, 0.0, 20.0, 0.0]))
    assert abs(loss - 4 / 3) < 1e-6


def test_the_sum_is_divided_by_the_matches_not_by_the_anchors():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(40, generator=generator)
    is_match = torch.arange(40) % 8 == 0
    total = F.binary_cross_entropy_with_logits(logits, is_match.float())
    torch.testing.assert_close(binary_match_loss(logits, is_match), total * 40 / 5)
    order = torch.randperm(40, generator=generator)
    for loss in (binary_match_loss, focal_match_loss):
        torch.testing.assert_close(
            loss(logits[order], is_match[order]), loss(logits, is_match)
        )


def test_without_matches_the_background_still_counts():
    logits = torch.zeros(4)
    none = torch.zeros(4, dtype=torch.bool)
    assert abs(binary_match_loss(logits, none) - 4 * math.log(2)) < 1e-6
    assert abs(focal_match_loss(logits, none) - math.log(2)) < 1e-6


def test_nothing_gives_zero_with_a_zero_gradient():
    assert golden_tensors("losses_detection_alone")["giou_empty"] == 0
    logits = torch.zeros(3, requires_grad=True)
    deltas = torch.zeros(3, 4, requires_grad=True)
    for loss in (binary_match_loss, focal_match_loss):
        value = loss(logits[:0], torch.zeros(0, dtype=torch.bool))
        assert value == 0
        value.backward()
    value = giou_loss(deltas[:0], torch.zeros(0, 4))
    assert value == 0
    value.backward()
    assert logits.grad.abs().max() == deltas.grad.abs().max() == 0


def test_extreme_logits_and_empty_boxes_stay_finite():
    logits = torch.tensor([-1e4, 1e4, 1e4], requires_grad=True)
    is_match = torch.tensor([True, False, True])
    for loss in (binary_match_loss, focal_match_loss):
        value = loss(logits, is_match)
        (gradient,) = torch.autograd.grad(value, logits)
        assert value.isfinite() and gradient.isfinite().all()
    points = torch.tensor([[5.0, 5.0, 5.0, 5.0]], requires_grad=True)
    value = giou_loss(points, torch.tensor([[5.0, 5.0, 5.0, 5.0]]))
    value.backward()
    assert value.isfinite() and points.grad.isfinite().all()


def test_half_precision_gives_float32():
    logits = torch.randn(9).bfloat16()
    is_match = torch.arange(9) < 3
    boxes = torch.tensor([[0.0, 0.0, 8.0, 8.0]])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = [
            focal_match_loss(logits, is_match),
            binary_match_loss(logits, is_match),
            giou_loss(boxes.bfloat16(), boxes + 2),
        ]
    expected = [
        focal_match_loss(logits.float(), is_match),
        binary_match_loss(logits.float(), is_match),
        giou_loss(boxes, boxes + 2),
    ]
    for value, wanted in zip(losses, expected, strict=True):
        assert value.dtype == torch.float32
        assert torch.equal(value, wanted)


def test_average_over_all_or_over_matches():
    logits = torch.tensor([2.0, -1.0, 0.5, -3.0])
    is_match = torch.tensor([True, False, True, False])
    for loss in (focal_match_loss, binary_match_loss):
        per_match = loss(logits, is_match)
        assert torch.allclose(loss(logits, is_match, "all"), per_match * 2 / 4)


def test_giou_loss_equals_torchvisions_for_boxes_near_and_far():
    generator = torch.Generator().manual_seed(3)
    corners = torch.rand(2, 400, 2, generator=generator) * 60
    sides = torch.rand(2, 400, 2, generator=generator) * 40
    sides[0, :5] = 0  # empty boxes
    boxes, targets = torch.cat([corners, corners + sides], dim=2)
    boxes[5:10] = targets[5:10]
    results = []
    for loss in (
        lambda b: giou_loss(b, targets),
        lambda b: generalized_box_iou_loss(b, targets, reduction="mean"),
    ):
        given = boxes.clone().requires_grad_()
        value = loss(given)
        value.backward()
        results.append((value.detach(), given.grad))
    torch.testing.assert_close(*results)

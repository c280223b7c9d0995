"""Losses of regions."""

import math

import torch

from mmpsearch.models.person_search.region_sampling import SampledRegions
from mmpsearch.models.person_search.two_stage.box_predictor import (
    BoxPredictor,
    BoxRegressor,
    binary_region_loss,
    person_scores,
    region_box_loss,
    softmax_region_loss,
)
from tests.test_models.test_person_search.test_region_sampling import truth


def regions(matched):
    boxes = torch.tensor([[10.0, 10.0, 30.0, 50.0]] * len(matched)).view(-1, 4)
    index = torch.zeros(len(matched), dtype=torch.int64)
    return SampledRegions(boxes, index, torch.tensor(matched, dtype=torch.int64))


def test_box_loss_by_hand():
    people = truth([[15.0, 10.0, 35.0, 90.0]], [0], num_images=1)
    # the target's deltas are (2.5, 5, 0, 5 log 2)
    deltas = torch.tensor([[2.0, 7.0, 0.0, 5 * math.log(2)], [9.0, 9, 9, 9]])
    loss = region_box_loss(deltas, regions([0, -1]), people)
    # 0.5 * 0.5^2 for the first, 2 - 0.5 for the second, over two regions
    torch.testing.assert_close(loss, torch.tensor((0.125 + 1.5) / 2))


def test_class_losses_by_hand():
    positive = torch.tensor([True, False])
    logits = torch.tensor([[0.0, math.log(3)], [0.0, 0.0]])
    expected = (math.log(4 / 3) + math.log(2)) / 2
    loss = softmax_region_loss(logits, positive)
    torch.testing.assert_close(loss, torch.tensor(expected))
    torch.testing.assert_close(person_scores(logits), torch.tensor([0.75, 0.5]))
    loss = binary_region_loss(torch.tensor([math.log(3), 0.0]), positive)
    torch.testing.assert_close(loss, torch.tensor(expected))


def test_losses_of_nothing_are_zero_with_gradient():
    deltas = torch.zeros(0, 4, requires_grad=True)
    none = regions([])
    loss = region_box_loss(deltas, none, truth([], []))
    loss = loss + softmax_region_loss(deltas[:, :2], none.positive)
    loss = loss + binary_region_loss(deltas[:, 0], none.positive)
    loss.backward()
    assert loss == 0 and deltas.grad.shape == (0, 4)


def test_outputs():
    x = torch.randn(5, 7)
    logits, deltas = BoxPredictor(7)(x)
    assert logits.shape == (5, 2) and deltas.shape == (5, 4)
    regressor = BoxRegressor(7, batch_norm=True)
    torch.testing.assert_close(regressor(x), regressor.layers(x)[:, 4:])

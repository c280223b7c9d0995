"""The public code's value, the cited paper's loss by hand, and their gradients."""

import math

import pytest
import torch

from mmpsearch.models.person_search.spnet.learning_without_forgetting_loss import (
    LearningWithoutForgettingLoss,
    soft_target_losses,
)
from tests.test_models.golden import golden_tensors
from tests.test_models.test_person_search.test_spnet.spnet_reference import noise

FORMS = ("binary", "cross_entropy")


def test_binary_form_equals_the_public_one():
    student = 6 * noise("alone/student", (4, 1000))
    teacher = 6 * noise("alone/teacher", (4, 1000))
    expected = golden_tensors("losses_detection_alone")["lwf_value"]
    loss = LearningWithoutForgettingLoss()(student, teacher)
    torch.testing.assert_close(loss, expected)


def test_by_hand():
    # at temperature 2: teacher 3/4, 1/4; student 1/2, 1/2
    teacher = torch.tensor([[2 * math.log(3), 0.0]])
    student = torch.zeros(1, 2)
    cross_entropy = soft_target_losses(student, teacher, 2.0, "cross_entropy")
    assert cross_entropy.item() == pytest.approx(math.log(2))
    # -p log q + log(1 + q), mean of two classes
    binary = soft_target_losses(student, teacher, 2.0, "binary")
    expected = (math.log(2) + 2 * math.log(1.5)) / 2
    assert binary.item() == pytest.approx(expected)
    loss = LearningWithoutForgettingLoss(form="cross_entropy", loss_weight=0.5)
    assert loss(student, teacher).item() == pytest.approx(math.log(2) / 2)


def test_only_the_cross_entropy_is_least_at_the_teacher():
    teacher = torch.tensor([[1.0, -2.0, 0.5]])
    norms = {}
    for form in FORMS:
        student = teacher.clone().requires_grad_()
        soft_target_losses(student, teacher, 2.0, form).sum().backward()
        norms[form] = student.grad.norm().item()
    assert norms["cross_entropy"] < 1e-6 < 1e-3 < norms["binary"]


@pytest.mark.parametrize("form", FORMS)
def test_shifts_and_order_of_classes_do_not_matter(form):
    student, teacher = noise("a", (3, 5)), noise("b", (3, 5))
    loss = soft_target_losses(student, teacher, 2.0, form)
    order = torch.tensor([4, 2, 0, 1, 3])
    changed = soft_target_losses(
        student[:, order] + 7, teacher[:, order] - 3, 2.0, form
    )
    torch.testing.assert_close(loss, changed, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_half_precision_and_no_images(form):
    loss = LearningWithoutForgettingLoss(form=form)
    value = loss(torch.randn(2, 4).bfloat16(), torch.randn(2, 4).bfloat16())
    assert value.dtype == torch.float32 and value.isfinite()
    nothing = torch.zeros(0, 4, requires_grad=True)
    value = loss(nothing, torch.zeros(0, 4))
    value.backward()
    assert value == 0 and nothing.grad.shape == (0, 4)


def test_unknown_form():
    with pytest.raises(ValueError, match="'binary' or 'cross_entropy', got 'kl'"):
        soft_target_losses(torch.zeros(1, 2), torch.zeros(1, 2), 2.0, "kl")

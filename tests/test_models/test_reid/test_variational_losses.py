import torch
from torch.testing import assert_close

from mmpsearch.models.reid.variational_losses import (
    prediction_divergence,
    released_divergence,
)

P, Q = torch.tensor([[0.5, 0.25, 0.25]]), torch.tensor([[0.25, 0.5, 0.25]])


def test_divergence_by_hand():
    value = prediction_divergence(P.log() + 3, Q.log())
    # 0.5 log 2 - 0.25 log 2
    assert_close(value, torch.tensor(0.25).mul(torch.tensor(2.0).log()))
    assert_close(prediction_divergence(P.log(), P.log()), torch.tensor(0.0))


def test_released_form_by_hand():
    want = (Q * (Q.log() - P)).sum() / 3
    assert_close(released_divergence(P.log(), Q.log()), want)


def test_only_the_student_learns():
    for function in (prediction_divergence, released_divergence):
        teacher, student = torch.randn(2, 3, requires_grad=True), torch.randn(2, 3)
        student.requires_grad_()
        function(teacher, student).backward()
        assert teacher.grad is None and student.grad.any()
        assert function(teacher[:0], student[:0]) == 0

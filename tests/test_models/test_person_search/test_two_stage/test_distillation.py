"""Distillation terms: hand-computed cases, slow loops, and who learns."""

import math

import pytest
import torch

from mmpsearch.models.person_search.two_stage.distillation import (
    pairwise_distillation,
    probability_distillation,
    similarity_rows,
    triplet_distillation,
)


def logits(*probabilities):
    return torch.tensor(probabilities).log()


def test_divergence_by_hand():
    """Student (1/2, 1/2), teacher (3/4, 1/4); a second box agrees."""
    student = logits([0.5, 0.5], [0.2, 0.8]) + 3  # a constant changes nothing
    teacher = logits([0.75, 0.25], [0.2, 0.8])
    forward = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    backward = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    for direction, expected in (
        ("student_to_teacher", forward),
        ("teacher_to_student", backward),
    ):
        loss = probability_distillation(student, teacher, direction)
        torch.testing.assert_close(loss, torch.tensor(expected / 2))


def test_the_other_direction_is_pytorchs_kl_div():
    torch.manual_seed(0)
    student, teacher = torch.randn(5, 7), torch.randn(5, 7)
    loss = probability_distillation(student, teacher, "teacher_to_student", 2.0)
    expected = torch.nn.functional.kl_div(
        (student / 2).log_softmax(1), (teacher / 2).softmax(1), reduction="batchmean"
    )
    torch.testing.assert_close(loss, 4 * expected)
    with pytest.raises(ValueError, match="direction must be"):
        probability_distillation(student, teacher, "forward")


def test_similarity_rows_by_hand():
    """Products [[9, 12], [12, 16]]: rows of lengths 15 and 20."""
    rows = similarity_rows(torch.tensor([[3.0, 0.0], [4.0, 0.0]]))
    torch.testing.assert_close(rows, torch.tensor([[0.6, 0.8], [0.6, 0.8]]))


def test_pairs_by_hand():
    student = torch.tensor([[3.0, 0.0], [4.0, 0.0]])  # rows (0.6, 0.8) twice
    teacher = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 5.0]])  # the identity
    loss = pairwise_distillation(student, teacher)
    expected = (0.4**2 + 0.8**2 + 0.6**2 + 0.2**2) / 4
    torch.testing.assert_close(loss, torch.tensor(expected))
    half = math.sqrt(0.5)  # of unit vectors: rows (half, half) twice
    expected = 2 * ((1 - half) ** 2 + half**2) / 4
    loss = pairwise_distillation(student, teacher, normalise=True)
    torch.testing.assert_close(loss, torch.tensor(expected))


def test_triplets_by_hand():
    """Distances to the own, and to the nearest other: (1, 2), (3, sqrt 5)."""
    student = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    teacher = torch.tensor([[0.0, 1.0], [1.0, 3.0]])
    to_other = [math.sqrt(1 + 9), math.sqrt(1 + 1)]
    expected = [0.3 + 1 - to_other[0], 0.3 + 3 - to_other[1]]
    assert expected[0] < 0 < expected[1]
    loss = triplet_distillation(student, teacher, 0.3, normalise=False)
    torch.testing.assert_close(loss, torch.tensor(expected[1] / 2))


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_triplets_by_a_loop(normalise, masked):
    torch.manual_seed(0)
    student, teacher = torch.randn(6, 4), torch.randn(6, 4)
    ids = torch.tensor([0, 1, 0, -1, -1, 1])
    loss = triplet_distillation(
        student, teacher, 0.5, normalise, ids if masked else None
    )
    if normalise:
        student = student / student.norm(dim=1, keepdim=True)
        teacher = teacher / teacher.norm(dim=1, keepdim=True)
    total = 0.0
    for i in range(6):
        others = [
            (student[i] - teacher[j]).norm()
            for j in range(6)
            if j != i and not (masked and ids[i] == ids[j] and ids[i] >= 0)
        ]
        own = (student[i] - teacher[i]).norm()
        total += max(0.0, float(0.5 + own - min(others)))
    torch.testing.assert_close(loss, torch.tensor(total / 6), atol=1e-5, rtol=1e-5)


def test_one_box_has_no_negative():
    student = torch.randn(1, 4, requires_grad=True)
    loss = triplet_distillation(student, torch.randn(1, 4))
    loss.backward()
    assert loss == 0 and student.grad.eq(0).all()
    same = triplet_distillation(
        torch.randn(2, 4), torch.randn(2, 4), person_ids=torch.tensor([3, 3])
    )
    assert same == 0


def test_sizes_of_triplets_must_agree():
    with pytest.raises(ValueError, match="4 dimensions, the teacher's 5"):
        triplet_distillation(torch.zeros(2, 4), torch.zeros(2, 5))


TERMS = {
    "probability": probability_distillation,
    "pairs": pairwise_distillation,
    "triplets": triplet_distillation,
}


@pytest.mark.parametrize("term", TERMS)
def test_only_the_student_learns(term):
    torch.manual_seed(0)
    student = torch.randn(4, 6, requires_grad=True)
    teacher = torch.randn(4, 6, requires_grad=True)
    TERMS[term](student, teacher).backward()
    assert student.grad.abs().max() > 0 and teacher.grad is None


@pytest.mark.parametrize("term", TERMS)
def test_the_order_of_boxes_does_not_matter_and_a_copy_costs_least(term):
    torch.manual_seed(0)
    student, teacher = torch.randn(4, 6), torch.randn(4, 6)
    order = torch.tensor([2, 0, 3, 1])
    loss = TERMS[term](student, teacher)
    torch.testing.assert_close(TERMS[term](student[order], teacher[order]), loss)
    assert TERMS[term](teacher, teacher) < loss
    if term != "triplets":  # whose margin may remain
        assert TERMS[term](teacher, teacher).abs() < 1e-6


@pytest.mark.parametrize("term", TERMS)
def test_no_boxes(term):
    student = torch.zeros(0, 6, requires_grad=True)
    loss = TERMS[term](student, torch.zeros(0, 6))
    loss.backward()
    assert loss == 0 and student.grad.shape == (0, 6)


@pytest.mark.parametrize("term", TERMS)
def test_half_precision_is_computed_in_float32(term):
    torch.manual_seed(0)
    student, teacher = torch.randn(4, 6).bfloat16(), torch.randn(4, 6).bfloat16()
    expected = TERMS[term](student.float(), teacher.float())
    with torch.autocast("cpu", torch.bfloat16):
        loss = TERMS[term](student, teacher)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected)

"""Distillation of a re-identification teacher (DKD, section 2.2), as pure functions.

Rows of student and teacher belong to the same boxes, in the same order. Means and
pairs are those of the batches of all ranks together.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.utils.distributed import gather_with_gradient, gather_without_gradient

Direction = Literal["student_to_teacher", "teacher_to_student"]


def probability_distillation(
    student_logits: Tensor,
    teacher_logits: Tensor,
    direction: Direction = "student_to_teacher",
    temperature: float = 1.0,
) -> Tensor:
    """Mean divergence of the two class distributions (equation 1).

    Args:
        student_logits: ``(N, C)``.
        teacher_logits: ``(N, C)``, the same classes in the same order; no gradient.
        direction: ``'student_to_teacher'`` is KL(student || teacher), as the paper
            prints it; ``'teacher_to_student'`` is KL(teacher || student), as Hinton's
            distillation has it.
        temperature: divides the logits; the paper names none. The result is
            multiplied by its square, so that gradients keep their size.

    Returns:
        Scalar, at least float32; 0 (with gradient) for ``N = 0``.
    """
    if direction not in ("student_to_teacher", "teacher_to_student"):
        raise ValueError(
            "direction must be 'student_to_teacher' or 'teacher_to_student', got "
            f"{direction!r}"
        )
    student, teacher = (
        F.log_softmax(at_least_float32(logits) / temperature, dim=1)
        for logits in (student_logits, teacher_logits.detach())
    )
    if direction == "student_to_teacher":
        divergences = student.exp() * (student - teacher)
    else:
        divergences = teacher.exp() * (teacher - student)
    count = torch.tensor(len(student), device=student.device)
    return temperature**2 * divergences.sum() / share_per_rank(count)


def similarity_rows(embeddings: Tensor) -> Tensor:
    """Products of all pairs, every row scaled to length 1 (equation 2).

    Args:
        embeddings: ``(B, D)``.

    Returns:
        ``(B, B)``; the diagonal is included.
    """
    with full_precision(embeddings):
        products = embeddings @ embeddings.T
    return F.normalize(products, dim=1)


def pairwise_distillation(
    student: Tensor, teacher: Tensor, normalise: bool = False
) -> Tensor:
    """Mean squared difference of the similarities within the batch (equation 3).

    Args:
        student: ``(N, D)`` embeddings.
        teacher: ``(N, D')`` embeddings; no gradient.
        normalise: scale embeddings to length 1 first; the paper scales the rows of
            the similarities only.

    Returns:
        Scalar, at least float32; 0 (with gradient) for ``N = 0``.
    """
    student, teacher = _gather(student, teacher, normalise)
    difference = similarity_rows(student) - similarity_rows(teacher)
    return difference.square().sum() / max(len(student), 1) ** 2


def triplet_distillation(
    student: Tensor,
    teacher: Tensor,
    margin: float = 0.3,
    normalise: bool = True,
    person_ids: Tensor | None = None,
) -> Tensor:
    """A box is nearer to itself than to any other as the teacher sees them (eq. 4).

    The anchor is the student's embedding, the positive the teacher's of the same box,
    the negative the nearest of the teacher's other ones.

    Args:
        student: ``(N, D)`` embeddings.
        teacher: ``(N, D)`` embeddings; no gradient.
        margin: ``m``.
        normalise: scale embeddings to length 1 first; the paper does not say so, but
            its margin means nothing between vectors of length 45.
        person_ids: ``(N,)`` int64, -1 without identity label: other boxes of the same
            person are no negatives. None: they are, as the paper says.

    Returns:
        Scalar, at least float32; 0 (with gradient) without negatives.
    """
    if student.shape[1] != teacher.shape[1]:
        raise ValueError(
            f"the student's embeddings have {student.shape[1]} dimensions, the "
            f"teacher's {teacher.shape[1]}; triplet distillation compares the two: "
            "make them equal, or set its weight to 0"
        )
    student, teacher = _gather(student, teacher, normalise)
    total = len(student)
    is_positive = torch.eye(total, dtype=torch.bool, device=student.device)
    no_negative = is_positive
    if person_ids is not None:
        ids = gather_without_gradient(person_ids)
        same = (ids[:, None] == ids[None]) & (ids >= 0)[:, None]
        no_negative = is_positive | same
    distances = _distances(student, teacher)
    positive = distances.diagonal()
    negative = distances.masked_fill(no_negative, torch.inf)
    if not total:
        return student.sum()
    nearest = negative.min(dim=1).values
    has_negative = nearest.isfinite()
    nearest = torch.where(has_negative, nearest, torch.zeros_like(nearest))
    losses = (margin + positive - nearest).clamp(min=0) * has_negative
    return losses.sum() / total


def _gather(student: Tensor, teacher: Tensor, normalise: bool) -> tuple[Tensor, Tensor]:
    """Rows of all ranks, at least float32; the teacher's without gradient."""
    student = gather_with_gradient(at_least_float32(student))
    teacher = gather_without_gradient(at_least_float32(teacher)).to(student.dtype)
    if normalise:
        student, teacher = F.normalize(student, dim=1), F.normalize(teacher, dim=1)
    return student, teacher


def _distances(x: Tensor, y: Tensor) -> Tensor:
    """Euclidean distances ``(N, M)`` with a finite gradient where they are zero."""
    with full_precision(x):
        squares = (x * x).sum(1)[:, None] + (y * y).sum(1)[None] - 2 * x @ y.T
    return squares.clamp(min=1e-12).sqrt()

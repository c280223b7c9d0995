"""Self-distillation on class tokens (DINO) and on masked patches (iBOT, PersonViT).

Distributions over prototypes: the teacher's are centred and sharpened, the student
follows them. All numbers are float32 also under mixed precision.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32


@torch.no_grad()
def teacher_distribution(logits: Tensor, center: Tensor, temperature: float) -> Tensor:
    """Centred and sharpened distribution over prototypes.

    Args:
        logits: ``(..., K)`` of the teacher.
        center: ``(K,)`` or of a shape that broadcasts against ``logits``.
        temperature: smaller is sharper.

    Returns:
        ``(..., K)`` float32, without gradient; rows sum to 1.
    """
    return ((at_least_float32(logits) - center) / temperature).softmax(dim=-1)


def cross_entropy(teacher: Tensor, student: Tensor, temperature: float) -> Tensor:
    """``-sum_k p_k log q_k`` of every row.

    Args:
        teacher: ``(..., K)`` weights ``p``, probabilities or a sum of several.
        student: ``(..., K)`` logits of ``q``.
        temperature: of the student.

    Returns:
        ``(...)`` float32.
    """
    scaled = at_least_float32(student) / temperature
    # -(p . log_softmax), without another tensor of K columns
    normaliser = teacher.sum(dim=-1) * scaled.logsumexp(dim=-1)
    return normaliser - torch.linalg.vecdot(teacher, scaled)


def class_distillation(
    teacher: Sequence[Tensor], student: Sequence[Tensor], temperature: float = 0.1
) -> Tensor:
    """Every student view follows every *other* global view of the teacher (DINO).

    PersonViT, eq. (4), with iBOT's normalisation: the mean over the pairs of views
    and over the images.

    Args:
        teacher: one ``(B, K)`` of probabilities per global view.
        student: one ``(B, K)`` of logits per view, the global ones first, in the same
            order.
        temperature: of the student.

    Returns:
        Scalar, float32; 0 where there is no pair of views.
    """
    total, pairs = at_least_float32(student[0]).sum() * 0, 0
    for place, view in enumerate(student):
        others = [target for other, target in enumerate(teacher) if other != place]
        if others:
            # cross entropies with one view add up to one with the sum of targets
            target = torch.stack(others).sum(dim=0)
            total = total + cross_entropy(target, view, temperature).mean()
            pairs += len(others)
    return total / max(pairs, 1)


def masked_patch_weights(mask: Tensor, images: Tensor) -> Tensor:
    """Weight of every masked patch in the loss of masked patches.

    The masked patches of one image share its weight; images without any stay in the
    mean with a loss of 0 (iBOT). So every image counts alike, and the weights of a
    batch's halves are twice the batch's.

    Args:
        mask: ``(N, P)`` bool, N images of any number of views.
        images: ``(M,)`` int64, the image of every masked patch: the first of
            ``mask.nonzero(as_tuple=True)``.

    Returns:
        ``(M,)`` float32, for the M masked patches in row-major order.
    """
    return 1.0 / (mask.sum(dim=1).float()[images] * len(mask))


def masked_patch_distillation(
    teacher: Tensor, student: Tensor, weights: Tensor, temperature: float = 0.1
) -> Tensor:
    """The student names what was masked, as the teacher sees it.

    PersonViT, eq. (7), whose minus sign is missing in the paper, with iBOT's
    normalisation.

    Args:
        teacher: ``(M, K)`` probabilities at the masked patches; ``M`` may be 0.
        student: ``(M, K)`` logits at the same.
        weights: ``(M,)`` from `masked_patch_weights`.
        temperature: of the student.

    Returns:
        Scalar, float32; 0 where nothing is masked.
    """
    return (cross_entropy(teacher, student, temperature) * weights).sum()

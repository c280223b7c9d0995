"""Divergence between an observation's predictions and its bottleneck's.

Variational distillation (Tian et al., "Farewell to Mutual Information", CVPR 2021):
what an information bottleneck predicts shall be what its input predicts (VSD), and
what the input predicts in the other modality (VCD). The observation teaches and gets
no gradient.
"""

import torch.nn.functional as F
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32


def prediction_divergence(teacher: Tensor, student: Tensor) -> Tensor:
    """Kullback-Leibler divergence ``KL(teacher || student)``, the paper's loss.

    Args:
        teacher: logits ``(N, C)``; no gradient.
        student: logits ``(N, C)``.

    Returns:
        Scalar, mean over ``N``; 0 without rows.
    """
    target = at_least_float32(teacher.detach()).log_softmax(dim=1)
    inputs = at_least_float32(student).log_softmax(dim=1)
    total = F.kl_div(inputs, target, reduction="sum", log_target=True)
    return total / max(len(student), 1)


def released_divergence(teacher: Tensor, student: Tensor) -> Tensor:
    """What the public code minimises in its place: mean of ``q (log q - p)``.

    ``p`` are the teacher's and ``q`` the student's probabilities. The code gives
    PyTorch's ``kl_div`` probabilities where it expects their logarithms, with the
    student as target, and takes the mean over all ``N * C`` entries. It is not a
    divergence: its least value is not at ``q = p``.

    Args:
        teacher: logits ``(N, C)``; no gradient.
        student: logits ``(N, C)``.

    Returns:
        Scalar; 0 without rows.
    """
    p = at_least_float32(teacher.detach()).softmax(dim=1)
    log_q = at_least_float32(student).log_softmax(dim=1)
    return (log_q.exp() * (log_q - p)).sum() / max(student.numel(), 1)

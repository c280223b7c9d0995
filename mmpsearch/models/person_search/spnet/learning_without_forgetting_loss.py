"""Learning without Forgetting: agree with an earlier classifier (Li and Hoiem)."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import share_per_rank
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS

Form = Literal["binary", "cross_entropy"]


def soft_target_losses(
    student: Tensor, teacher: Tensor, temperature: float, form: Form
) -> Tensor:
    """Disagreement of every sample's class probabilities with the teacher's.

    With ``p`` the teacher's and ``q`` the student's probabilities at the temperature:

    * ``'cross_entropy'``: the sum over classes of ``-p log q``, equation 2 of Li and
      Hoiem, without a factor for the temperature. Least where ``q = p``.
    * ``'binary'``: the binary cross entropy of ``p`` with ``log q`` taken for a logit,
      mean over classes, as the public SPNet computes it. That is ``-p log q +
      log(1 + q)``: the second term favours sharper predictions than the teacher's.

    Args:
        student: ``(N, C)`` logits.
        teacher: ``(N, C)`` logits, without gradient.
        temperature: both logits are divided by it.
        form: see above.

    Returns:
        ``(N,)``, at least float32.
    """
    if form not in ("binary", "cross_entropy"):
        raise ValueError(f"form must be 'binary' or 'cross_entropy', got {form!r}")
    target = F.softmax(at_least_float32(teacher) / temperature, dim=1)
    log_probs = F.log_softmax(at_least_float32(student) / temperature, dim=1)
    if form == "cross_entropy":
        return -(target * log_probs).sum(dim=1)
    losses = F.binary_cross_entropy_with_logits(log_probs, target, reduction="none")
    return losses.mean(dim=1)


@MODELS.register_module()
class LearningWithoutForgettingLoss(nn.Module):
    """Mean of :func:`soft_target_losses` over the images of all ranks.

    Args:
        temperature: 2 in the SPNet paper and in Li and Hoiem's.
        form: ``'binary'``, the public code's, or ``'cross_entropy'``, the loss that the
            paper cites.
        loss_weight: factor of the result.
    """

    def __init__(
        self,
        temperature: float = 2.0,
        form: Form = "binary",
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.temperature, self.form = temperature, form
        self.loss_weight = loss_weight

    def forward(self, student: Tensor, teacher: Tensor) -> Tensor:
        """Args: student, teacher ``(N, C)`` logits. Scalar, at least float32."""
        losses = soft_target_losses(student, teacher, self.temperature, self.form)
        mean = losses.sum() / share_per_rank(len(losses)).to(losses.device)
        return self.loss_weight * mean

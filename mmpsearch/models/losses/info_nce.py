"""InfoNCE against a queue, with one positive or with several (MoCo, UP-ReID).

The queue enters every form through one number per query, the logarithm of the summed
exponentials of its similarities. That number comes with its gradient from one pass over
the queue, a piece at a time: neither similarities nor their softmax are kept for the
backward pass, and the queue may change before it.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from mmpsearch.models.layers.precision import at_least_float32, full_precision

PositiveForm = Literal["inside", "outside", "outside_joint"]
FORMS = ("inside", "outside", "outside_joint")
ENTRIES = 8192  # of the queue at a time


def info_nce(q: Tensor, k: Tensor, queue: Tensor, tau: float) -> Tensor:
    """``-log(e^{q.k/tau} / (e^{q.k/tau} + sum_j e^{q.n_j/tau}))``, mean over queries.

    UP-ReID, eq. (7) and (8); the positive is in the denominator, as in MoCo.

    Args:
        q: ``(N, D)`` queries, L2-normalised; they alone get a gradient. ``N`` may be 0.
        k: ``(N, D)`` the key of each.
        queue: ``(K, D)`` negatives ``n_j``; ``K`` may be 0.
        tau: temperature.

    Returns:
        Scalar, float32 (float64 for float64 queries); 0 without queries.
    """
    return multi_positive_nce(q, [k], queue, tau)


def multi_positive_nce(
    q: Tensor,
    pos_list: Sequence[Tensor],
    queue: Tensor,
    tau: float,
    mode: PositiveForm = "inside",
) -> Tensor:
    """InfoNCE with P positives per query; UP-ReID, eq. (10), whose form is lost.

    With the positives' ``p_i = e^{q.k_i/tau}`` and the negatives' sum ``n``:

    ================= ==================================================
    ``inside``        ``-log(sum_i p_i / (sum_i p_i + n))``
    ``outside``       mean over i of ``-log(p_i / (p_i + n))``
    ``outside_joint`` mean over i of ``-log(p_i / (sum_j p_j + n))``
    ================= ==================================================

    All are `info_nce` for one positive. ``inside`` is content with the easiest
    positive; the others ask for all of them.

    Args:
        q: ``(N, D)`` queries, L2-normalised; they alone get a gradient. ``N`` may be 0.
        pos_list: P keys per query, ``(N, D)`` each.
        queue: ``(K, D)`` negatives; ``K`` may be 0.
        tau: temperature.
        mode: row of the table.

    Returns:
        Scalar, the mean over queries, float32 (float64 for float64 queries); 0 without
        queries. It has first derivatives only.

    Raises:
        ValueError: an unknown mode, no positive, a temperature that is not positive,
            or shapes that differ.
    """
    if mode not in FORMS:
        raise ValueError(f"mode must be one of {', '.join(FORMS)}, got {mode!r}")
    if not pos_list:
        raise ValueError("pos_list is empty: a query needs at least one positive")
    if q.dim() != 2 or any(k.shape != q.shape for k in pos_list):
        shapes = ", ".join(str(tuple(k.shape)) for k in pos_list)
        raise ValueError(
            f"queries must be (N, D) and every positive alike, got {tuple(q.shape)} "
            f"and {shapes}"
        )
    if tau <= 0:
        raise ValueError(f"tau must be above 0, got {tau}")
    q = at_least_float32(q)
    with full_precision(q):
        each = [(q * k.detach().to(q.dtype)).sum(dim=1) for k in pos_list]
        positives = torch.stack(each, dim=1) / tau  # (N, P)
        negatives = _QueueLogSumExp.apply(q, queue.detach(), tau)  # (N,)
    together = positives.logsumexp(dim=1)
    if mode == "inside":
        losses = torch.logaddexp(together, negatives) - together
    elif mode == "outside":
        losses = (torch.logaddexp(positives, negatives[:, None]) - positives).mean(1)
    else:
        losses = torch.logaddexp(together, negatives) - positives.mean(dim=1)
    return losses.sum() / max(len(losses), 1)


class _QueueLogSumExp(torch.autograd.Function):
    """``log sum_j e^{q.n_j/tau}`` ``(N,)`` of queries ``(N, D)``; -inf for no entry.

    Its gradient is the softmax-weighted mean entry over tau, made on the way.
    """

    @staticmethod
    def forward(ctx, q: Tensor, queue: Tensor, tau: float) -> Tensor:
        total = q.new_full((len(q),), -torch.inf)
        mean_entry = torch.zeros_like(q)
        for entries in queue.split(ENTRIES) if len(queue) else ():
            entries = entries.to(q.dtype)
            logits = (q @ entries.T).div_(tau)
            before, total = total, torch.logaddexp(total, logits.logsumexp(dim=1))
            if ctx.needs_input_grad[0]:
                weights = logits.sub_(total[:, None]).exp_()
                mean_entry.mul_((before - total).exp_()[:, None])
                mean_entry.addmm_(weights, entries)
        ctx.save_for_backward(mean_entry.div_(tau))
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        (mean_entry,) = ctx.saved_tensors
        return gradient[:, None] * mean_entry, None, None

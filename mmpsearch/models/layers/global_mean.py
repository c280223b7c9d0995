"""Sums and means over the batches of all ranks."""

import torch
from mmengine.dist import all_reduce, get_world_size
from torch import Tensor


def share_per_rank(count: Tensor | int, minimum: float = 1.0) -> Tensor:
    """Denominator that makes a rank's sum its part of the global mean.

    Distributed training averages the ranks' gradients. With ``n`` items on all of
    ``R`` ranks together, dividing each rank's sum by ``n / R`` therefore gives the
    gradient which one process would get from the mean over the ``n`` items.

    Args:
        count: this rank's number of items.
        minimum: smallest global count, so that no items give 0 and not NaN.

    Returns:
        Scalar float32 ``max(minimum, n) / R``.
    """
    count = torch.as_tensor(count, dtype=torch.float32)
    world_size = get_world_size()
    if world_size > 1:
        count = count.clone()
        all_reduce(count)
    return count.clamp(min=minimum) / world_size


def sum_over_ranks(tensor: Tensor) -> Tensor:
    """Sum over all ranks, with gradient to all of them.

    The gradient is that of the sum of all ranks' losses. Backward exchanges as well:
    every rank's loss must depend on the result.

    Args:
        tensor: of the same shape on every rank.

    Returns:
        Same shape, equal on every rank.
    """
    return _Sum.apply(tensor) if get_world_size() > 1 else tensor


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        total = tensor.contiguous().clone()
        all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        all_reduce(total)
        return total

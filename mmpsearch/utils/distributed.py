"""The helpers through which anything is exchanged between ranks.

Without a process group, or with one rank, each does what a single process needs: the
gathers return their argument's rows and `update_on_all_ranks` just updates. With R
ranks, all of them must call a helper the same number of times, in the same order; a
rank with nothing to give passes a tensor with no rows.
"""

from collections.abc import Callable, Sequence

import torch
from mmengine import dist
from torch import Tensor


def gather_without_gradient(tensor: Tensor) -> Tensor:
    """Rows of all ranks, those of rank 0 first; the same on every rank.

    Args:
        tensor: (N, ...) of any dtype; N may differ between ranks and may be 0, the
            other sizes may not.

    Returns:
        (sum of N, ...) detached, on the device of ``tensor``.
    """
    tensor = tensor.detach()
    if dist.get_world_size() == 1:
        return tensor
    return torch.cat(_all_rows(tensor, _row_counts(tensor)))


def gather_with_gradient(tensor: Tensor) -> Tensor:
    """Rows of all ranks, those of rank 0 first, with gradients to all of them.

    The gradient that arrives at a rank's own rows is the derivative of the *sum of
    all ranks' losses*: backward adds up what every rank sends back for these rows.
    `DistributedDataParallel` then averages the parameters' gradients over ranks, so
    training follows the mean of the ranks' losses, both where each rank computes the
    whole loss on the gathered rows (the mean is that loss) and where each computes
    the part that belongs to its own rows (average them, do not sum).

    Backward is a collective call too: the loss of every rank must depend on the
    result, if only through ``0 * gathered.sum()``.

    Args:
        tensor: (N, ...) floating point; N may differ between ranks and may be 0.

    Returns:
        (sum of N, ...) on the device of ``tensor``.
    """
    if dist.get_world_size() == 1:
        return tensor
    # An input that requires no gradient would leave this rank out of backward.
    if torch.is_grad_enabled() and not tensor.requires_grad:
        tensor = tensor.detach().requires_grad_()
    return _Gather.apply(tensor)


@torch.no_grad()
def update_on_all_ranks(
    buffers: Sequence[Tensor], update: Callable[..., None], *rows: Tensor
) -> None:
    """Update tables and queues with the rows of all ranks, equally on every rank.

    Calls ``update(*gathered)`` on each rank, where ``gathered`` are the ``rows`` of
    all ranks, and then gives every rank rank 0's ``buffers``, so that they cannot
    drift apart (by an order of summation on the GPU, say).

    Args:
        buffers: tensors that ``update`` changes in place; of the same sizes on every
            rank.
        update: takes the gathered tensors; must not exchange anything itself.
        rows: (N, ...) tensors, see `gather_without_gradient`.
    """
    update(*(gather_without_gradient(tensor) for tensor in rows))
    for buffer in buffers:
        # mmengine copies into what it is given, also where the backend needs
        # another device than the buffer's
        dist.broadcast(buffer, src=0)


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        counts = _row_counts(tensor)
        ctx.counts = counts
        return torch.cat(_all_rows(tensor, counts))

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        dist.all_reduce(total, op="sum")
        return total.split(ctx.counts)[dist.get_rank()]


def _row_counts(tensor: Tensor) -> list[int]:
    rows = torch.tensor([len(tensor)], device=tensor.device)
    return torch.cat(dist.all_gather(rows)).tolist()


def _all_rows(tensor: Tensor, counts: list[int]) -> list[Tensor]:
    """Every rank's (N, ...): sent padded to the longest, as gathers need it."""
    # gloo does not know bool
    sent = tensor.to(torch.uint8) if tensor.dtype == torch.bool else tensor
    padding = sent.new_zeros(max(counts) - len(sent), *sent.shape[1:])
    gathered = dist.all_gather(torch.cat((sent, padding)).contiguous())
    return [
        part[:count].to(tensor.dtype)
        for part, count in zip(gathered, counts, strict=True)
    ]

"""First-in-first-out queues of keys, one per position on the body (MoCo, UP-ReID)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.utils.distributed import gather_without_gradient


@torch.no_grad()
def enqueue(queue: Tensor, ptr: Tensor | int, keys: Tensor) -> Tensor | int:
    """Overwrite the oldest entries, going on at the start behind the end.

    The number of keys needs neither divide the queue's size nor be below it: of more
    keys than entries, the last ones stay.

    Args:
        queue: ``(..., K, D)``, changed in place.
        ptr: the oldest entry, in ``[0, K)``; an int or an int64 tensor without
            dimensions.
        keys: ``(..., N, D)``, the oldest first; ``N`` may be 0, as may ``K``.

    Returns:
        The new ``ptr``, ``(ptr + N) mod K``, of the type that was given.
    """
    size, number = queue.shape[-2], keys.shape[-2]
    if keys.shape[-1] != queue.shape[-1] or keys.shape[:-2] != queue.shape[:-2]:
        raise ValueError(
            f"keys {tuple(keys.shape)} do not fit into a queue {tuple(queue.shape)}"
        )
    if not size:
        return ptr
    kept = min(number, size)
    slots = torch.arange(number - kept, number, device=queue.device)
    slots = (slots + ptr) % size
    last = keys[..., number - kept :, :].detach()
    queue.index_copy_(queue.dim() - 2, slots, last.to(queue.dtype))
    return (ptr + number) % size


class QueueBank(nn.Module):
    """Queues that are filled in step; saved with the model.

    They start with random directions, and hold the keys of all ranks. Every rank writes
    the same rows to the same place, so the queues stay equal without being sent.

    Args:
        positions: number ``P`` of queues.
        size: entries ``K`` of each.
        dims: length ``D`` of a key.
    """

    def __init__(self, positions: int, size: int, dims: int) -> None:
        super().__init__()
        if size < 1:
            raise ValueError(f"a queue needs at least one entry, got queue_size={size}")
        entries = F.normalize(torch.randn(positions, size, dims), dim=2)
        self.register_buffer("queues", entries)
        self.register_buffer("pointer", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def push(self, keys: Tensor) -> None:
        """Append a batch.

        Args:
            keys: ``(P, N, D)`` of this rank; ``N`` may differ between ranks.
        """
        everyone = gather_without_gradient(keys.transpose(0, 1))  # (all N, P, D)
        pointer = enqueue(self.queues, self.pointer, everyone.transpose(0, 1))
        self.pointer.copy_(pointer)

"""A loss weight that follows how small another loss became (DDAG, section 3.4)."""

import torch
from torch import Tensor, nn

from mmpsearch.utils.distributed import update_on_all_ranks


class EpochLossWeight(nn.Module):
    """``1 / (1 + mean of a loss over the previous epoch)``; 0 in the first epoch.

    Sum, count and weight are buffers: they are saved with the model, so that a resumed
    run continues as an uninterrupted one, and they are equal on all ranks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(()))
        self.register_buffer("total", torch.zeros((), dtype=torch.float64))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        self.register_buffer("epoch", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def start_iteration(self, epoch: int) -> None:
        """Set the weight where a new epoch begins. Args: epoch, from 0."""
        if epoch == int(self.epoch):
            return
        if int(self.count):
            self.weight.copy_(1 / (1 + self.total / self.count))
        self.total.zero_()
        self.count.zero_()
        self.epoch.fill_(epoch)

    def follow(self, loss: Tensor) -> None:
        """Take note of an iteration's loss. Args: loss, this rank's scalar."""
        buffers = [self.total, self.count]
        update_on_all_ranks(buffers, self._add, loss.detach().reshape(1))

    def _add(self, losses: Tensor) -> None:
        self.total.add_(losses.double().mean())
        self.count.add_(1)

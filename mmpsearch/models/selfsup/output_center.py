"""The running mean of a teacher's outputs, against collapse (DINO)."""

import torch
from mmengine import dist
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32


class OutputCenter(nn.Module):
    """Moving average of the mean output, over all ranks and accumulated batches.

    Outputs are first observed, then the centre moves once per optimizer step: a step
    of several accumulated batches, or of several ranks, moves it as one large batch.

    Args:
        width: number ``K`` of outputs.
        momentum: weight of the old centre in a step.
    """

    def __init__(self, width: int, momentum: float = 0.9) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(width))
        # sum of the means observed since the last step, and of their weights
        self.register_buffer("total", torch.zeros(width + 1), persistent=False)

    @torch.no_grad()
    def observe(self, mean: Tensor, rows: int) -> None:
        """Take note of a batch.

        Args:
            mean: ``(K,)`` mean output of the batch.
            rows: number of outputs it is the mean of.
        """
        mean = at_least_float32(mean).to(self.total.dtype)
        self.total += rows * torch.cat((mean, mean.new_ones(1)))

    @torch.no_grad()
    def step(self) -> None:
        """Move towards what was observed, on all ranks alike; nothing if nothing."""
        total = self.total.clone()
        dist.all_reduce(total, op="sum")
        self.total.zero_()
        if total[-1] > 0:
            self.center.lerp_(total[:-1] / total[-1], 1 - self.momentum)

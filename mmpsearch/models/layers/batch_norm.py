"""Batch normalisation of vectors that works for any batch and any number of ranks."""

import torch
from mmengine.dist import get_world_size
from torch import Tensor, nn

from .global_mean import sum_over_ranks
from .precision import at_least_float32


class SafeBatchNorm1d(nn.BatchNorm1d):
    """Batch norm over all ranks' rows that survives batches of one row or none.

    With fewer than two rows there is no variance: the running statistics are used and
    left as they are, as in the public SPNet. Under several ranks the statistics are
    those of the global batch, so that two ranks compute what one process would.
    Computes in float32 under mixed precision.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C)``, ``N`` may be 0. Returns ``(N, C)``, at least float32."""
        x = at_least_float32(x)
        if self.training and get_world_size() > 1:
            return self._forward_distributed(x)
        if not self.training:
            return super().forward(x)
        if len(x) > 1:
            return super().forward(x)
        return self._normalise(x, self.running_mean, self.running_var)

    def _normalise(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        out = (x - mean) * torch.rsqrt(var + self.eps)
        return out * self.weight + self.bias if self.affine else out

    def _forward_distributed(self, x: Tensor) -> Tensor:
        # sums and number of rows travel together
        total = sum_over_ranks(torch.cat([x.sum(dim=0), x.new_tensor([len(x)])]))
        count = total[-1].detach()
        if count <= 1:
            return self._normalise(x, self.running_mean, self.running_var)
        mean = total[:-1] / count
        var = sum_over_ranks(((x - mean) ** 2).sum(dim=0)) / count
        with torch.no_grad():
            unbiased = var * count / (count - 1)
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_(unbiased.to(self.running_var.dtype), self.momentum)
            self.num_batches_tracked.add_(1)
        return self._normalise(x, mean, var)

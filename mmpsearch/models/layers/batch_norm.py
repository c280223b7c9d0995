"""Batch normalisation that works for any batch and any number of ranks."""

import torch
from mmengine.dist import get_world_size
from torch import Tensor, nn

from mmpsearch.models.layers.global_mean import sum_over_ranks
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS


class _SafeBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Statistics of all ranks' rows; running statistics for one row or none."""

    def forward(self, x: Tensor) -> Tensor:
        x = at_least_float32(x)
        if not self.training:
            return super().forward(x)
        if get_world_size() > 1:
            return self._forward_distributed(x)
        if x.numel() > x.shape[1]:  # more than one row
            return super().forward(x)
        return self._normalise(x, self.running_mean, self.running_var)

    def _normalise(self, x: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        shape = (1, -1, *[1] * (x.dim() - 2))
        scale = torch.rsqrt(var + self.eps)
        if self.affine:
            scale = scale * self.weight
        out = (x - mean.view(shape)) * scale.view(shape)
        return out + self.bias.view(shape) if self.affine else out

    def _forward_distributed(self, x: Tensor) -> Tensor:
        dims = [d for d in range(x.dim()) if d != 1]
        rows = x.numel() // x.shape[1]
        # sums and number of rows travel together
        total = sum_over_ranks(torch.cat([x.sum(dim=dims), x.new_tensor([rows])]))
        count = total[-1].detach()
        if count <= 1:
            return self._normalise(x, self.running_mean, self.running_var)
        mean = total[:-1] / count
        shape = (1, -1, *[1] * (x.dim() - 2))
        var = sum_over_ranks(((x - mean.view(shape)) ** 2).sum(dim=dims)) / count
        with torch.no_grad():
            unbiased = var * count / (count - 1)
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_(unbiased.to(self.running_var.dtype), self.momentum)
            self.num_batches_tracked.add_(1)
        return self._normalise(x, mean, var)


class SafeBatchNorm1d(_SafeBatchNorm, nn.BatchNorm1d):
    """Batch norm of vectors over all ranks that survives one row or none.

    With fewer than two rows there is no variance: the running statistics are used and
    left as they are, as in the public SPNet. Under several ranks the statistics are
    those of the global batch, so that two ranks compute what one process would, on
    any device. Computes in float32 under mixed precision.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C)``, ``N`` may be 0. Returns ``(N, C)``, at least float32."""
        return super().forward(x)


@MODELS.register_module()
class SafeBatchNorm2d(_SafeBatchNorm, nn.BatchNorm2d):
    """Batch norm of maps over all ranks, as :class:`SafeBatchNorm1d`.

    Unlike PyTorch's SyncBatchNorm it also runs on CPUs. For backbones:
    ``norm_cfg=dict(type='mmpsearch.SafeBatchNorm2d')``.

    Args:
        num_features: channels ``C``.
        eps: added to the variance.
        momentum: weight of a batch in the running statistics.
        affine: learn a scale and a shift.
        track_running_stats: keep running statistics; they are needed.
        device: of the parameters.
        dtype: of the parameters.
        bias: learn the shift (newer PyTorch only).
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C, h, w)``. Returns the same shape, at least float32."""
        return super().forward(x)

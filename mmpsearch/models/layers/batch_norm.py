"""Batch normalisation that works for any batch and any number of ranks."""

import torch
from mmengine.dist import all_gather, get_world_size
from torch import Tensor, nn
from torch.nn.modules._functions import SyncBatchNorm

from mmpsearch.models.layers.global_mean import sum_over_ranks
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS


class _SafeBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Statistics of all ranks' rows; running statistics for one row or none.

    PyTorch's kernels compute statistics in float32 and keep half-precision maps as
    they are; what is computed here is computed in float32 and rounded at the end.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        if get_world_size() > 1:
            if x.is_cuda and self._every_rank_has_rows(x):
                return self._forward_on_gpus(x)
            return self._forward_distributed(at_least_float32(x)).to(x.dtype)
        if x.numel() > x.shape[1]:  # more than one row
            return super().forward(x)
        mean, var = self.running_mean, self.running_var
        return self._normalise(at_least_float32(x), mean, var).to(x.dtype)

    @staticmethod
    def _every_rank_has_rows(x: Tensor) -> bool:
        """And so there are two; the same answer on every rank."""
        rows = torch.tensor([x.numel() // x.shape[1]], device=x.device)
        return bool(torch.stack(all_gather(rows)).min() > 0)

    def _forward_on_gpus(self, x: Tensor) -> Tensor:
        self.num_batches_tracked.add_(1)
        return SyncBatchNorm.apply(
            x,
            self.weight,
            self.bias,
            self.running_mean,
            self.running_var,
            self.eps,
            self.momentum,
            torch.distributed.group.WORLD,
            get_world_size(),
        )

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
    any device; on GPUs by PyTorch's synchronised norm. Half precision is normalised in
    float32, and the result rounded.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(N, C)``, ``N`` may be 0. Returns the same shape and dtype."""
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
        """Args: x ``(N, C, h, w)``. Returns the same shape and dtype."""
        return super().forward(x)

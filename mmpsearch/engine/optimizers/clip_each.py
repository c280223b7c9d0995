"""Clip the gradient of every parameter by its own norm, as DINO and iBOT do."""

from collections.abc import Iterable

import torch
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import Tensor

from mmpsearch.registry import OPTIM_WRAPPERS


@torch.no_grad()
def clip_each(parameters: Iterable[Tensor], max_norm: float) -> None:
    """Shorten, in place, gradients that are longer than ``max_norm``.

    PyTorch's ``clip_grad_norm_`` shortens all of them by one factor, from the norm of
    all together.

    Args:
        parameters: those without a gradient are left out.
        max_norm: longest L2 norm of a parameter's gradient.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    if not gradients:
        return
    norms = torch.stack(torch._foreach_norm(gradients))
    factors = (max_norm / (norms + 1e-6)).clamp(max=1.0)
    torch._foreach_mul_(gradients, list(factors.unbind()))


class _ClipEach:
    """Replaces what MMEngine's wrappers do where ``clip_grad`` is given."""

    def _clip_grad(self) -> None:
        groups = self.optimizer.param_groups
        clip_each(
            (parameter for group in groups for parameter in group["params"]),
            **self.clip_grad_kwargs,
        )


@OPTIM_WRAPPERS.register_module()
class ClipEachOptimWrapper(_ClipEach, OptimWrapper):
    """`OptimWrapper` with ``clip_grad=dict(max_norm=...)`` per parameter."""


@OPTIM_WRAPPERS.register_module()
class ClipEachAmpOptimWrapper(_ClipEach, AmpOptimWrapper):
    """`AmpOptimWrapper` with ``clip_grad=dict(max_norm=...)`` per parameter.

    Gradients are clipped after the loss scale is taken out of them.
    """

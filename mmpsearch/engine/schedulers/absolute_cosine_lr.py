"""Warm-up and cosine in absolute epochs, as TransReID and PersonViT fine-tune."""

import math

from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from mmpsearch.registry import PARAM_SCHEDULERS


def absolute_cosine(
    step: int, base: float, total: int, warmup: int, start: float, minimum: float
) -> float:
    """Learning rate after ``step`` epochs.

    The cosine runs from the first epoch on and is only looked at after the warm-up:
    the rate drops a little where the warm-up ends (timm without ``warmup_prefix``).

    Args:
        step: epochs done.
        base: peak learning rate.
        total: epochs of the cosine.
        warmup: epochs that lead linearly from ``start`` to ``base``.
        start: first rate, the same for every parameter group.
        minimum: last rate, the same for every parameter group.

    Returns:
        The rate.
    """
    if step < warmup:
        return start + step * (base - start) / warmup
    share = min(step / total, 1.0)
    return minimum + (base - minimum) * (1 + math.cos(math.pi * share)) / 2


@PARAM_SCHEDULERS.register_module()
class AbsoluteCosineLR(LRSchedulerMixin, _ParamScheduler):
    """Linear warm-up, then a cosine in absolute epochs.

    Args:
        optimizer: the optimizer or its wrapper.
        total: epochs of the training.
        warmup: epochs of the warm-up.
        start: first learning rate.
        minimum: last learning rate.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(
        self,
        optimizer,
        total: int,
        warmup: int,
        start: float,
        minimum: float,
        **kwargs,
    ) -> None:
        self.total, self.warmup = total, warmup
        self.start, self.minimum = start, minimum
        super().__init__(optimizer, **kwargs)

    def _get_value(self) -> list[float]:
        return [
            absolute_cosine(
                self.last_step, base, self.total, self.warmup, self.start, self.minimum
            )
            for base in self.base_values
        ]

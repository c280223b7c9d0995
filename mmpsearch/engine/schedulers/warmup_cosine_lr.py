"""Linear warm-up counted in iterations, then a cosine to zero."""

import math

from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from mmpsearch.registry import PARAM_SCHEDULERS


def warmup_cosine_factor(
    step: int, total: int, warmup: int, start: float = 1e-3
) -> float:
    """Share of the base learning rate after ``step`` iterations.

    Args:
        step: iterations done.
        total: iterations of the whole training.
        warmup: iterations over which the factor grows linearly from ``start`` to 1;
            the cosine fills the rest.
        start: first factor.

    Returns:
        A number in [0, 1], 0 from ``step = total`` on.
    """
    if step < warmup:
        return start + (1 - start) * step / warmup
    progress = min((step - warmup) / max(total - warmup, 1), 1.0)
    return 0.5 * (1 + math.cos(math.pi * progress))


@PARAM_SCHEDULERS.register_module()
class WarmupCosineLR(LRSchedulerMixin, _ParamScheduler):
    """Warm up for some iterations, then anneal to exactly zero at the end.

    MMEngine's schedulers measure their phases either in epochs or in iterations; this
    one warms up by iterations and ends with the runner's last epoch. Use it with
    ``by_epoch=True, convert_to_iter_based=True``.

    Args:
        optimizer: the optimizer or its wrapper.
        end: iterations of the whole training.
        warmup: longest warm-up in iterations; shortened to one less than the
            length of an epoch, as published for SPNet.
        start_factor: factor of the first iteration.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(
        self,
        optimizer,
        end: int,
        warmup: int = 1000,
        start_factor: float = 1e-3,
        **kwargs,
    ) -> None:
        self.total = end
        self.warmup = warmup
        self.start_factor = start_factor
        super().__init__(optimizer, end=end + 1, **kwargs)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args,
        end: int,
        epoch_length: int,
        warmup: int = 1000,
        by_epoch: bool = True,
        **kwargs,
    ) -> "WarmupCosineLR":
        """Called by the runner, which knows the length of an epoch.

        Args:
            end: epochs of the whole training; MMEngine fills it in.
            epoch_length: iterations per epoch.
            warmup: longest warm-up in iterations.
            by_epoch: must be True, as everywhere where epochs are converted.
            *args: the optimizer.
            **kwargs: of the constructor.

        Returns:
            The scheduler, counting iterations.
        """
        return cls(
            *args,
            end=end * epoch_length,
            warmup=min(warmup, max(epoch_length - 1, 0)),
            by_epoch=False,
            **kwargs,
        )

    def _get_value(self) -> list[float]:
        factor = warmup_cosine_factor(
            self.last_step, self.total, self.warmup, self.start_factor
        )
        return [base * factor for base in self.base_values]

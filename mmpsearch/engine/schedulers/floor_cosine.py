"""Cosines by iteration that end above zero, as DINO and iBOT train."""

from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from mmpsearch.registry import PARAM_SCHEDULERS
from mmpsearch.utils.schedules import cosine_between, warmup_then_cosine


class _ByIteration(_ParamScheduler):
    """A schedule over the iterations of the whole training.

    Use with ``by_epoch=True, convert_to_iter_based=True``.
    """

    def __init__(self, optimizer, param_name: str, end: int, **kwargs) -> None:
        self.total = end
        super().__init__(optimizer, param_name, end=end + 1, **kwargs)

    @classmethod
    def build_iter_from_epoch(
        cls, *args, end: int, epoch_length: int, by_epoch: bool = True, **kwargs
    ):
        """Called by the runner, which knows the length of an epoch.

        Args:
            end: epochs of the whole training; MMEngine fills it in.
            epoch_length: iterations per epoch.
            by_epoch: must be True, as everywhere where epochs are converted.
            *args: the optimizer.
            **kwargs: of the constructor.

        Returns:
            The scheduler, counting iterations.
        """
        if "warmup" in kwargs:
            kwargs["warmup"] *= epoch_length
        return cls(*args, end=end * epoch_length, by_epoch=False, **kwargs)


@PARAM_SCHEDULERS.register_module()
class FloorCosineLR(_ByIteration):
    """Learning rate: linear from 0, then a cosine down to ``minimum``.

    Args:
        optimizer: the optimizer or its wrapper.
        end: iterations of the whole training (in a config: epochs).
        warmup: iterations of the warm-up (in a config: epochs); its last one has the
            full rate.
        minimum: rate after the last iteration.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(
        self,
        optimizer,
        end: int,
        warmup: int = 0,
        minimum: float = 0.0,
        **kwargs,
    ) -> None:
        self.warmup, self.minimum = warmup, minimum
        super().__init__(optimizer, "lr", end, **kwargs)

    def _get_value(self) -> list[float]:
        return [
            warmup_then_cosine(
                self.last_step, base, self.minimum, self.total, self.warmup
            )
            for base in self.base_values
        ]


@PARAM_SCHEDULERS.register_module()
class CosineWeightDecay(_ByIteration):
    """Weight decay: a cosine from the optimizer's to ``final``.

    Groups without weight decay stay without.

    Args:
        optimizer: the optimizer or its wrapper.
        end: iterations of the whole training (in a config: epochs).
        final: weight decay after the last iteration.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(self, optimizer, end: int, final: float, **kwargs) -> None:
        self.final = final
        super().__init__(optimizer, "weight_decay", end, **kwargs)

    def _get_value(self) -> list[float]:
        return [
            cosine_between(self.last_step, base, self.final, self.total) if base else 0
            for base in self.base_values
        ]

"""Linear warm-up, then a cosine: one learning rate for every published variant."""

from mmengine.optim.scheduler.param_scheduler import _ParamScheduler

from mmpsearch.engine.schedulers.whole_training import WholeTraining
from mmpsearch.registry import PARAM_SCHEDULERS
from mmpsearch.utils.schedules import warmup_cosine


@PARAM_SCHEDULERS.register_module()
class WarmupCosineLR(WholeTraining):
    """Warm up, then anneal until the runner's last epoch.

    MMEngine's schedulers measure their phases either in epochs or in iterations; this
    one may warm up by iterations and end with the last epoch. Counted in iterations it
    needs ``by_epoch=True, convert_to_iter_based=True``, counted in epochs neither.

    The published variants are

    ==========================  ======================================================
    SPNet, BoT here             ``warmup`` in iterations, within the first epoch
    DINO, iBOT, PersonViT       ``start=0, minimum=..., warmup_by_epoch=True,
                                peak_in_warmup=True``
    TransReID, PersonViT's      ``start=..., minimum=..., prefix=False``, by epoch
    fine-tuning (timm)
    ==========================  ======================================================

    Args:
        optimizer: the optimizer or its wrapper.
        end: steps of the whole training (in a config: epochs, by default all).
        warmup: steps of the warm-up. Where epochs are converted: iterations, and at
            most one less than the length of an epoch, as published for SPNet.
        start_factor: first rate, as a share of each parameter group's.
        start: first rate, the same for every group, in place of ``start_factor``.
        minimum: last rate, the same for every group.
        prefix: the cosine begins after the warm-up. Otherwise it begins at step 0, and
            what lies in the warm-up is not looked at.
        peak_in_warmup: the warm-up's last step has the full rate, and so has the
            cosine's first. Otherwise only the latter has.
        warmup_by_epoch: ``warmup`` is in epochs also where epochs are converted.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(
        self,
        optimizer,
        end: int,
        warmup: int = 1000,
        start_factor: float = 1e-3,
        start: float | None = None,
        minimum: float = 0.0,
        prefix: bool = True,
        peak_in_warmup: bool = False,
        warmup_by_epoch: bool = False,
        **kwargs,
    ) -> None:
        self.warmup = warmup
        self.start_factor, self.start, self.minimum = start_factor, start, minimum
        self.prefix, self.peak_in_warmup = prefix, peak_in_warmup
        super().__init__(optimizer, "lr", end, **kwargs)

    @classmethod
    def build_iter_from_epoch(
        cls,
        *args,
        epoch_length: int,
        warmup: int = 1000,
        warmup_by_epoch: bool = False,
        **kwargs,
    ) -> _ParamScheduler:
        """Called by the runner, which knows the length of an epoch.

        Args:
            epoch_length: iterations per epoch.
            warmup: of the constructor.
            warmup_by_epoch: of the constructor.
            *args: the optimizer.
            **kwargs: of the constructor.

        Returns:
            The scheduler, counting iterations.
        """
        if warmup_by_epoch:
            warmup *= epoch_length
        else:
            warmup = min(warmup, max(epoch_length - 1, 0))
        return super().build_iter_from_epoch(
            *args, epoch_length=epoch_length, warmup=warmup, **kwargs
        )

    def _get_value(self) -> list[float]:
        return [
            warmup_cosine(
                self.last_step,
                base,
                self.total,
                self.warmup,
                base * self.start_factor if self.start is None else self.start,
                self.minimum,
                self.prefix,
                self.peak_in_warmup,
            )
            for base in self.base_values
        ]

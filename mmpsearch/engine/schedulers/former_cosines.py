"""Names of schedules that `WarmupCosineLR` took over; they go with the next version."""

import warnings

from mmpsearch.engine.schedulers.warmup_cosine_lr import WarmupCosineLR
from mmpsearch.registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class FloorCosineLR(WarmupCosineLR):
    """DINO's variant of `WarmupCosineLR`.

    Args:
        optimizer: the optimizer or its wrapper.
        end: of `WarmupCosineLR`.
        warmup: of `WarmupCosineLR`, in a config in epochs.
        minimum: of `WarmupCosineLR`.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(
        self, optimizer, end: int, warmup: int = 0, minimum: float = 0.0, **kwargs
    ) -> None:
        _warn("FloorCosineLR", "start=0, warmup_by_epoch=True, peak_in_warmup=True")
        super().__init__(
            optimizer,
            end,
            warmup,
            start=0.0,
            minimum=minimum,
            peak_in_warmup=True,
            **kwargs,
        )

    @classmethod
    def build_iter_from_epoch(cls, *args, warmup: int = 0, **kwargs):
        """As of `WarmupCosineLR`, with the warm-up in epochs."""
        return super().build_iter_from_epoch(
            *args, warmup=warmup, warmup_by_epoch=True, **kwargs
        )


@PARAM_SCHEDULERS.register_module()
class AbsoluteCosineLR(WarmupCosineLR):
    """TransReID's variant of `WarmupCosineLR`.

    Args:
        optimizer: the optimizer or its wrapper.
        total: epochs of the cosine.
        warmup: of `WarmupCosineLR`.
        start: of `WarmupCosineLR`.
        minimum: of `WarmupCosineLR`.
        end: not used.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(
        self,
        optimizer,
        total: int,
        warmup: int,
        start: float,
        minimum: float,
        end: int | None = None,
        **kwargs,
    ) -> None:
        _warn("AbsoluteCosineLR", "start=..., minimum=..., prefix=False")
        super().__init__(
            optimizer,
            total,
            warmup,
            start=start,
            minimum=minimum,
            prefix=False,
            **kwargs,
        )


def _warn(name: str, arguments: str) -> None:
    warnings.warn(
        f"mmpsearch.{name} is now mmpsearch.WarmupCosineLR with {arguments}; the old "
        "name goes with the next version",
        FutureWarning,
        stacklevel=3,
    )

"""Schedules over the whole training."""

from mmengine.optim.scheduler.param_scheduler import _ParamScheduler


class WholeTraining(_ParamScheduler):
    """Base: a value for every step from the first to the one after the last.

    Args:
        optimizer: the optimizer or its wrapper.
        param_name: of the optimizer's groups, such as ``lr``.
        end: steps of the whole training; kept as ``total``.
        **kwargs: of MMEngine's schedulers.
    """

    def __init__(self, optimizer, param_name: str, end: int, **kwargs) -> None:
        self.total = end
        super().__init__(optimizer, param_name, end=end + 1, **kwargs)

    @classmethod
    def build_iter_from_epoch(
        cls, *args, end: int, epoch_length: int, by_epoch: bool = True, **kwargs
    ) -> _ParamScheduler:
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
        return cls(*args, end=end * epoch_length, by_epoch=False, **kwargs)

"""Models that need to know how far their training is."""

from mmpsearch.utils.schedules import TrainingProgress


class TrainingFollower:
    """Mixin of models with schedules, or with followers of the trained parameters.

    `mmpsearch.engine.hooks.TrainingProgressHook` calls `start_iteration` and
    `after_optimizer_step`.
    """

    _progress: TrainingProgress | None = None

    @property
    def progress(self) -> TrainingProgress:
        """How far the training is, for schedules.

        Raises:
            RuntimeError: nobody said it.
        """
        if self._progress is None:
            raise RuntimeError(
                f"{type(self).__name__} has schedules: add "
                "dict(type='mmpsearch.TrainingProgressHook') to custom_hooks"
            )
        return self._progress

    def start_iteration(self, progress: TrainingProgress) -> None:
        """Learn how far the training is, before the loss."""
        self._progress = progress

    def after_optimizer_step(self) -> None:
        """Update what follows the trained parameters; nothing by default."""

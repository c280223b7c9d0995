"""Some models have schedules and followers of their own."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper

from mmpsearch.registry import HOOKS
from mmpsearch.utils.schedules import TrainingProgress


@HOOKS.register_module()
class TrainingProgressHook(Hook):
    """Tells a model how far its training is, and when its parameters have moved.

    Calls ``start_iteration`` before every iteration, and ``after_optimizer_step``
    after the iterations that moved the parameters: with accumulated gradients, these
    are the last of a group. For a
    :class:`~mmpsearch.models.training_follower.TrainingFollower`.
    """

    priority = "HIGH"  # before anything is saved or logged

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        progress = TrainingProgress(runner.epoch, runner.iter, runner.max_iters)
        _model(runner).start_iteration(progress)

    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        if runner.optim_wrapper.should_update():
            _model(runner).after_optimizer_step()


def _model(runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model

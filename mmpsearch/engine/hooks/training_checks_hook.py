"""Nothing is trained that could not have been right."""

import logging
import math

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.optim import OptimWrapper
from torch import Tensor

from mmpsearch.engine.training_checks import (
    Plan,
    check_batch_size,
    check_epoch,
    check_identity_count,
    check_pairs,
    check_teacher,
    require_same_groups,
)
from mmpsearch.errors import DivergedError
from mmpsearch.models.training_facts import TrainingFacts
from mmpsearch.registry import HOOKS

BEFORE = (
    check_epoch,
    check_identity_count,
    check_batch_size,
    check_pairs,
    check_teacher,
)


@HOOKS.register_module()
class TrainingChecksHook(Hook):
    """Asks before the first iteration, and looks at the loss of every iteration.

    Before: is there a batch, has the model a class for each identity, does a batch
    hold what its sampler groups, can its losses learn from it, are a teacher's classes
    the model's, does a resumed run follow its config
    (`mmpsearch.engine.training_checks`). That a test set can be answered is seen by
    the data sets when they are built.

    During: a loss that is no finite number ends the training. Such a step has spoilt
    the parameters; the last checkpoint is from before it.

    It is one of ``default_hooks``, so that a schedule with ``custom_hooks`` of its own
    keeps it; ``tools/train.py`` adds it to configs without it.

    Raises:
        ConfigError: before the first iteration, with the remedy.
        DivergedError: with the losses of the iteration.
    """

    priority = "VERY_HIGH"  # before anything is prepared or saved

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._said = False

    def before_run(self, runner) -> None:
        """Keep what the config plans, before a checkpoint is read."""
        self._plan = Plan.of(runner.optim_wrapper, runner.param_schedulers)

    def after_load_checkpoint(self, runner, checkpoint) -> None:
        """Before MMEngine reads the optimizer's state from it."""
        wrapper = runner.optim_wrapper
        resumes = runner._resume and "optimizer" in checkpoint
        if resumes and isinstance(wrapper, OptimWrapper):
            require_same_groups(wrapper.optimizer, checkpoint)

    def before_train(self, runner) -> None:
        if self._plan is not None and runner.iter > 0:
            self._plan.require_equal(
                Plan.of(runner.optim_wrapper, runner.param_schedulers)
            )
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        facts = model if isinstance(model, TrainingFacts) else TrainingFacts()
        for check in BEFORE:
            check(runner.train_dataloader, facts)

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Warn where the schedule is over, and nothing is learned any more."""
        if self._said:
            return
        rates = [r for each in runner.optim_wrapper.get_lr().values() for r in each]
        if rates and not any(rates) and self._is_over(runner.param_schedulers):
            self._said = True
            print_log(
                f"the learning rate is 0 from epoch {runner.epoch + 1} to the end: the "
                "schedule is over, and nothing more is learned; lengthen "
                "param_scheduler together with train_cfg",
                logger="current",
                level=logging.WARNING,
            )

    @staticmethod
    def _is_over(schedulers) -> bool:
        rates = [s for s in schedulers or () if getattr(s, "param_name", "") == "lr"]
        return bool(rates) and all(s._global_step >= s.end for s in rates)

    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        outputs = outputs or {}
        if math.isfinite(_number(outputs.get("loss", 0.0))):
            return
        losses = ", ".join(f"{name} {_number(v):g}" for name, v in outputs.items())
        raise DivergedError(
            f"iteration {runner.iter + 1}: the loss is not finite ({losses}); what was "
            "saved before is kept; resume from it with a smaller learning rate"
        )


def _number(value: Tensor | float) -> float:
    return value.detach().float().mean().item() if isinstance(value, Tensor) else value

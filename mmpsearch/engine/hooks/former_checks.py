"""Names of configs that were written before `TrainingChecksHook`."""

import warnings

from mmpsearch.engine.hooks.training_checks_hook import TrainingChecksHook
from mmpsearch.registry import HOOKS


class _FormerCheck(TrainingChecksHook):
    """What was one of the checks is now all of them."""

    def __init__(self) -> None:
        super().__init__()
        warnings.warn(
            f"mmpsearch.{type(self).__name__} is now part of "
            "mmpsearch.TrainingChecksHook, one of the default hooks; remove it from "
            "custom_hooks",
            FutureWarning,
            stacklevel=2,
        )


@HOOKS.register_module()
class EmptyEpochHook(_FormerCheck):
    """`TrainingChecksHook`, under a former name."""


@HOOKS.register_module()
class FiniteLossHook(_FormerCheck):
    """`TrainingChecksHook`, under a former name."""


@HOOKS.register_module()
class IdentityBatchHook(_FormerCheck):
    """`TrainingChecksHook`, under a former name."""


@HOOKS.register_module()
class IdentityCountHook(_FormerCheck):
    """`TrainingChecksHook`, under a former name."""


@HOOKS.register_module()
class TeacherClassesHook(_FormerCheck):
    """`TrainingChecksHook`, under a former name."""

"""Stop where the loss is lost."""

import math

from mmengine.hooks import Hook
from torch import Tensor

from mmpsearch.registry import HOOKS


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Ends the training at the first loss that is not a finite number.

    Such a step has spoilt the parameters; the last checkpoint is from before it.

    Raises:
        FloatingPointError: with the losses of the iteration.
    """

    priority = "HIGH"  # before anything is saved

    def after_train_iter(
        self, runner, batch_idx: int, data_batch=None, outputs=None
    ) -> None:
        values = {
            name: value.detach().item() if isinstance(value, Tensor) else value
            for name, value in (outputs or {}).items()
        }
        if not math.isfinite(values.get("loss", 0.0)):
            raise FloatingPointError(
                f"iteration {runner.iter}: the loss is not finite: {values}; resume "
                "from the last checkpoint with a smaller learning rate"
            )

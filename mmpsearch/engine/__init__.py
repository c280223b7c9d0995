"""What drives training: hooks, schedules, optimizers, and weights to start from."""

from mmpsearch.engine import (
    hooks,
    named_init,
    optimizers,
    pretrained_init,
    schedulers,
)

__all__ = ["hooks", "named_init", "optimizers", "pretrained_init", "schedulers"]

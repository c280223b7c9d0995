"""What drives training: hooks, schedules, optimizers, and weights to start from."""

from mmpsearch.engine import hooks, optimizers, pretrained_init, schedulers

__all__ = ["hooks", "optimizers", "pretrained_init", "schedulers"]

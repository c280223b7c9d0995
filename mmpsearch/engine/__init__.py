"""What drives training: hooks, schedules, and weights to start from."""

from . import hooks, pretrained_init, schedulers

__all__ = ["hooks", "pretrained_init", "schedulers"]

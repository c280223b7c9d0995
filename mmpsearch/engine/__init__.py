"""What drives training: hooks and schedules."""

from . import hooks, schedulers

__all__ = ["hooks", "schedulers"]

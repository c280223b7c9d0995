"""What drives training: hooks."""

from . import hooks

__all__ = ["hooks"]

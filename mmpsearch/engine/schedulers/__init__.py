"""Learning-rate schedules that MMEngine lacks."""

from .absolute_cosine_lr import AbsoluteCosineLR
from .warmup_cosine_lr import WarmupCosineLR

__all__ = ["AbsoluteCosineLR", "WarmupCosineLR"]

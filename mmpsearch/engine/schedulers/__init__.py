"""Learning-rate and weight-decay schedules that MMEngine lacks."""

from .absolute_cosine_lr import AbsoluteCosineLR
from .floor_cosine import CosineWeightDecay, FloorCosineLR
from .warmup_cosine_lr import WarmupCosineLR

__all__ = [
    "AbsoluteCosineLR",
    "CosineWeightDecay",
    "FloorCosineLR",
    "WarmupCosineLR",
]

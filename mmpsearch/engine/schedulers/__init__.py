"""Learning-rate and weight-decay schedules that MMEngine lacks."""

from mmpsearch.engine.schedulers.absolute_cosine_lr import AbsoluteCosineLR
from mmpsearch.engine.schedulers.floor_cosine import CosineWeightDecay, FloorCosineLR
from mmpsearch.engine.schedulers.warmup_cosine_lr import WarmupCosineLR

__all__ = [
    "AbsoluteCosineLR",
    "CosineWeightDecay",
    "FloorCosineLR",
    "WarmupCosineLR",
]

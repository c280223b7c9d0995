"""Learning-rate and weight-decay schedules that MMEngine lacks."""

from mmpsearch.engine.schedulers.cosine_weight_decay import CosineWeightDecay
from mmpsearch.engine.schedulers.former_cosines import AbsoluteCosineLR, FloorCosineLR
from mmpsearch.engine.schedulers.warmup_cosine_lr import WarmupCosineLR

__all__ = [
    "AbsoluteCosineLR",
    "CosineWeightDecay",
    "FloorCosineLR",
    "WarmupCosineLR",
]

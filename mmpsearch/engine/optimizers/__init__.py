"""How parameters are grouped and their gradients clipped."""

from mmpsearch.engine.optimizers.clip_each import (
    ClipEachAmpOptimWrapper,
    ClipEachOptimWrapper,
)
from mmpsearch.engine.optimizers.decay_groups import DecayGroupsConstructor

__all__ = [
    "ClipEachAmpOptimWrapper",
    "ClipEachOptimWrapper",
    "DecayGroupsConstructor",
]

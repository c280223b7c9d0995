"""How parameters are grouped and their gradients clipped."""

from mmpsearch.engine.optimizers.clip_each import (
    ClipEachAmpOptimWrapper,
    ClipEachOptimWrapper,
)
from mmpsearch.engine.optimizers.decay_groups import DecayGroupsConstructor
from mmpsearch.engine.optimizers.merged_groups import MergedGroupsConstructor

__all__ = [
    "ClipEachAmpOptimWrapper",
    "ClipEachOptimWrapper",
    "DecayGroupsConstructor",
    "MergedGroupsConstructor",
]

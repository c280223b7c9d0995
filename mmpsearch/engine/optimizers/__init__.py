"""How parameters are grouped and their gradients clipped."""

from .clip_each import ClipEachAmpOptimWrapper, ClipEachOptimWrapper
from .decay_groups import DecayGroupsConstructor

__all__ = [
    "ClipEachAmpOptimWrapper",
    "ClipEachOptimWrapper",
    "DecayGroupsConstructor",
]

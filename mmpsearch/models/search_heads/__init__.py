"""Region heads of two-stage person search, one per method."""

from .base import HeadBoxes, HeadLosses, SearchHead
from .nae_head import NAEHead
from .oim_head import OIMHead
from .region_stage import RegionStage
from .seqnet_head import SeqNetHead

__all__ = [
    "HeadBoxes",
    "HeadLosses",
    "NAEHead",
    "OIMHead",
    "RegionStage",
    "SearchHead",
    "SeqNetHead",
]

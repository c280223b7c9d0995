"""Region heads of two-stage person search, one per method."""

from .base import HeadLosses, SearchHead
from .dkd_head import DKDHead
from .nae_head import NAEHead
from .oim_head import OIMHead
from .region_stage import RegionStage
from .seqnet_head import SeqNetHead

__all__ = [
    "DKDHead",
    "HeadLosses",
    "NAEHead",
    "OIMHead",
    "RegionStage",
    "SearchHead",
    "SeqNetHead",
]

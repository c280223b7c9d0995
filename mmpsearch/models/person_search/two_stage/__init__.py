"""Two-stage person search: one model, and a head for every method."""

from mmpsearch.models.person_search.two_stage.convnext_region_stage import (
    ConvNeXtRegionStage,
)
from mmpsearch.models.person_search.two_stage.dkd import DKD
from mmpsearch.models.person_search.two_stage.dkd_head import DKDHead
from mmpsearch.models.person_search.two_stage.model import TwoStageSearch
from mmpsearch.models.person_search.two_stage.nae_head import NAEHead
from mmpsearch.models.person_search.two_stage.oim_head import OIMHead
from mmpsearch.models.person_search.two_stage.proposal_head import (
    ProposalHead,
    RoundedAnchorGenerator,
)
from mmpsearch.models.person_search.two_stage.region_stage import RegionStage
from mmpsearch.models.person_search.two_stage.search_head import HeadLosses, SearchHead
from mmpsearch.models.person_search.two_stage.seqnet_head import SeqNetHead
from mmpsearch.models.person_search.two_stage.seqnext_head import SeqNeXtHead
from mmpsearch.models.person_search.two_stage.swin_region_stage import SwinRegionStage

__all__ = [
    "ConvNeXtRegionStage",
    "DKD",
    "DKDHead",
    "HeadLosses",
    "NAEHead",
    "OIMHead",
    "ProposalHead",
    "RegionStage",
    "RoundedAnchorGenerator",
    "SearchHead",
    "SeqNeXtHead",
    "SeqNetHead",
    "SwinRegionStage",
    "TwoStageSearch",
]

"""Losses: pure functions, and modules where there is state."""

from typing import Any

from mmpsearch.models.losses.center_cluster_loss import CenterClusterLoss
from mmpsearch.models.losses.center_contrast_loss import CenterContrastLoss
from mmpsearch.models.losses.center_loss import CenterLoss
from mmpsearch.models.losses.circle_loss import CircleLoss
from mmpsearch.models.losses.cross_entropy import SmoothedCrossEntropy
from mmpsearch.models.losses.identity_cross_entropy import IdentityCrossEntropy
from mmpsearch.models.losses.info_nce import info_nce, multi_positive_nce
from mmpsearch.models.losses.oim_loss import OIMLoss
from mmpsearch.models.losses.ranked_list_loss import CrossModalityRankedListLoss
from mmpsearch.models.losses.triplet_loss import TripletLoss
from mmpsearch.moved import moved_name

__all__ = [
    "CenterLoss",
    "CircleLoss",
    "IdentityCrossEntropy",
    "OIMLoss",
    "SmoothedCrossEntropy",
    "TripletLoss",
    "info_nce",
    "multi_positive_nce",
    "CenterClusterLoss",
    "CenterContrastLoss",
    "CrossModalityRankedListLoss",
]


def __getattr__(name: str) -> Any:
    return moved_name(__name__, name)

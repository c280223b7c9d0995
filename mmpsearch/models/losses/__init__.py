"""Losses: pure functions, and modules where there is state."""

from .center_cluster_loss import CenterClusterLoss
from .center_contrast_loss import CenterContrastLoss
from .center_loss import CenterLoss
from .circle_loss import CircleLoss
from .cross_entropy import SmoothedCrossEntropy
from .identity_cross_entropy import IdentityCrossEntropy
from .info_nce import info_nce, multi_positive_nce
from .learning_without_forgetting_loss import LearningWithoutForgettingLoss
from .mmd import mmd
from .momentum_contrast_loss import MomentumContrastLoss
from .oim_loss import OIMLoss
from .ranked_list_loss import CrossModalityRankedListLoss
from .triplet_loss import TripletLoss

__all__ = [
    "CenterClusterLoss",
    "CenterContrastLoss",
    "CenterLoss",
    "CircleLoss",
    "CrossModalityRankedListLoss",
    "LearningWithoutForgettingLoss",
    "IdentityCrossEntropy",
    "MomentumContrastLoss",
    "OIMLoss",
    "SmoothedCrossEntropy",
    "TripletLoss",
    "info_nce",
    "mmd",
    "multi_positive_nce",
]

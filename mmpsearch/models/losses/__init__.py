"""Losses: pure functions, and modules where there is state."""

from .center_cluster_loss import CenterClusterLoss
from .center_contrast_loss import CenterContrastLoss
from .center_loss import CenterLoss
from .circle_loss import CircleLoss
from .cross_entropy import SmoothedCrossEntropy
from .cycle_contrastive_loss import CycleContrastiveLoss
from .identity_cross_entropy import IdentityCrossEntropy
from .info_nce import info_nce, multi_positive_nce
from .learning_without_forgetting_loss import LearningWithoutForgettingLoss
from .mmd import mmd
from .momentum_contrast_loss import MomentumContrastLoss
from .oim_loss import OIMLoss
from .permutation_reconstruction_loss import PermutationReconstructionLoss
from .ranked_list_loss import CrossModalityRankedListLoss
from .triplet_loss import TripletLoss

__all__ = [
    "CenterLoss",
    "CircleLoss",
    "LearningWithoutForgettingLoss",
    "IdentityCrossEntropy",
    "MomentumContrastLoss",
    "OIMLoss",
    "SmoothedCrossEntropy",
    "TripletLoss",
    "info_nce",
    "mmd",
    "multi_positive_nce",
    "CenterClusterLoss",
    "CenterContrastLoss",
    "CrossModalityRankedListLoss",
    "CycleContrastiveLoss",
    "PermutationReconstructionLoss",
]

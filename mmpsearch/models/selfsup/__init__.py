"""Pre-training without labels."""

from mmpsearch.models.selfsup.base import SelfSupervisedBase
from mmpsearch.models.selfsup.cycle_contrastive_loss import CycleContrastiveLoss
from mmpsearch.models.selfsup.mmgl import MMGL
from mmpsearch.models.selfsup.moco import MoCo
from mmpsearch.models.selfsup.permutation_head import PermutationHead
from mmpsearch.models.selfsup.permutation_reconstruction_loss import (
    PermutationReconstructionLoss,
)
from mmpsearch.models.selfsup.person_vit import PersonViT
from mmpsearch.models.selfsup.stripe_preprocessor import StripeShufflePreprocessor
from mmpsearch.models.selfsup.up_reid import UPReID
from mmpsearch.models.selfsup.views_preprocessor import ViewsPreprocessor

__all__ = [
    "CycleContrastiveLoss",
    "PermutationHead",
    "PermutationReconstructionLoss",
    "MoCo",
    "PersonViT",
    "SelfSupervisedBase",
    "UPReID",
    "ViewsPreprocessor",
    "MMGL",
    "StripeShufflePreprocessor",
]

"""Pre-training without labels."""

from mmpsearch.models.selfsup.base import SelfSupervisedBase
from mmpsearch.models.selfsup.mmgl import MMGL
from mmpsearch.models.selfsup.moco import MoCo
from mmpsearch.models.selfsup.person_vit import PersonViT
from mmpsearch.models.selfsup.stripe_preprocessor import StripeShufflePreprocessor
from mmpsearch.models.selfsup.up_reid import UPReID
from mmpsearch.models.selfsup.views_preprocessor import ViewsPreprocessor

__all__ = [
    "MoCo",
    "PersonViT",
    "SelfSupervisedBase",
    "UPReID",
    "ViewsPreprocessor",
    "MMGL",
    "StripeShufflePreprocessor",
]

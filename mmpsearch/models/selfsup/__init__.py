"""Pre-training without labels."""

from .base import SelfSupervisedBase
from .mmgl import MMGL
from .moco import MoCo
from .person_vit import PersonViT
from .stripe_preprocessor import StripeShufflePreprocessor
from .up_reid import UPReID
from .views_preprocessor import ViewsPreprocessor

__all__ = [
    "MoCo",
    "PersonViT",
    "SelfSupervisedBase",
    "UPReID",
    "ViewsPreprocessor",
    "MMGL",
    "StripeShufflePreprocessor",
]

"""Pre-training without labels."""

from .base import SelfSupervisedBase
from .person_vit import PersonViT
from .views_preprocessor import ViewsPreprocessor

__all__ = ["PersonViT", "SelfSupervisedBase", "ViewsPreprocessor"]

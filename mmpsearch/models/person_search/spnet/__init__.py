"""Swap Path Network: everything that only SPNet uses.

``network.py`` has the parts, ``model.py`` training and dispatch. A training image goes
through ``object_centric_training.py`` or ``query_centric_training.py``, a test image
through ``object_centric_search.py`` or ``query_centric_search.py``.
"""

from mmpsearch.models.person_search.spnet.anchor_embedder import AnchorEmbedder
from mmpsearch.models.person_search.spnet.box_embedder import (
    BoxEmbedder,
    DetectionBoxEmbedder,
)
from mmpsearch.models.person_search.spnet.learning_without_forgetting_loss import (
    LearningWithoutForgettingLoss,
)
from mmpsearch.models.person_search.spnet.model import SPNet
from mmpsearch.models.person_search.spnet.momentum_contrast_loss import (
    MomentumContrastLoss,
)
from mmpsearch.models.person_search.spnet.object_centric_training import (
    ObjectCentricTraining,
)
from mmpsearch.models.person_search.spnet.part_box_embedder import PartBoxEmbedder
from mmpsearch.models.person_search.spnet.query_centric_training import (
    QueryCentricTraining,
)
from mmpsearch.models.person_search.spnet.reid_only_training import ReIDOnlyTraining
from mmpsearch.models.person_search.spnet.scene_distillation import SceneDistillation
from mmpsearch.models.person_search.spnet.sp_block import SPBlock

__all__ = [
    "AnchorEmbedder",
    "BoxEmbedder",
    "DetectionBoxEmbedder",
    "LearningWithoutForgettingLoss",
    "MomentumContrastLoss",
    "ObjectCentricTraining",
    "PartBoxEmbedder",
    "QueryCentricTraining",
    "ReIDOnlyTraining",
    "SPBlock",
    "SPNet",
    "SceneDistillation",
]

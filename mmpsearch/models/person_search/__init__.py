"""End-to-end person-search models."""

from .object_centric import ObjectCentricTraining
from .query_centric import QueryCentricTraining
from .reid_only import ReIDOnlyTraining
from .scene_distillation import SceneDistillation
from .spnet import SPNet
from .two_stage import TwoStageSearch

__all__ = [
    "ObjectCentricTraining",
    "QueryCentricTraining",
    "ReIDOnlyTraining",
    "SceneDistillation",
    "SPNet",
    "TwoStageSearch",
]

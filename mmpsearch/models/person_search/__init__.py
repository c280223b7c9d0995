"""End-to-end person-search models."""

from .dkd import DKD
from .object_centric import ObjectCentricTraining
from .query_centric import QueryCentricTraining
from .reid_only import ReIDOnlyTraining
from .scene_distillation import SceneDistillation
from .spnet import SPNet
from .two_stage import TwoStageSearch
from .two_step import TwoStepSearch

__all__ = [
    "DKD",
    "ObjectCentricTraining",
    "QueryCentricTraining",
    "ReIDOnlyTraining",
    "SceneDistillation",
    "SPNet",
    "TwoStageSearch",
    "TwoStepSearch",
]

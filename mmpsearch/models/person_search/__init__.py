"""End-to-end person-search models."""

from mmpsearch.models.person_search.gfn import GFN
from mmpsearch.models.person_search.spnet import (
    ObjectCentricTraining,
    QueryCentricTraining,
    ReIDOnlyTraining,
    SceneDistillation,
    SPNet,
)
from mmpsearch.models.person_search.two_stage import DKD, TwoStageSearch
from mmpsearch.models.person_search.two_step import TwoStepSearch

__all__ = [
    "DKD",
    "GFN",
    "ObjectCentricTraining",
    "QueryCentricTraining",
    "ReIDOnlyTraining",
    "SceneDistillation",
    "SPNet",
    "TwoStageSearch",
    "TwoStepSearch",
]

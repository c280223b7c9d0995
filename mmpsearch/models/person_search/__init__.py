"""End-to-end person-search models."""

from .object_centric import ObjectCentricTraining
from .query_centric import QueryCentricTraining
from .spnet import SPNet

__all__ = ["ObjectCentricTraining", "QueryCentricTraining", "SPNet"]

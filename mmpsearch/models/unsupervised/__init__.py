"""Learning re-identification from unlabelled pictures by clustering."""

from .clustering import Clusters, SelfPacedClustering
from .hybrid_memory import HybridMemory
from .spcl import SpCL

__all__ = ["Clusters", "HybridMemory", "SelfPacedClustering", "SpCL"]

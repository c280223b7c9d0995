"""Learning re-identification from unlabelled pictures by clustering."""

from mmpsearch.models.unsupervised.clustering import Clusters, SelfPacedClustering
from mmpsearch.models.unsupervised.hybrid_memory import HybridMemory
from mmpsearch.models.unsupervised.spcl import SpCL

__all__ = ["Clusters", "HybridMemory", "SelfPacedClustering", "SpCL"]

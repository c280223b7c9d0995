"""What embeds pictures of one person: models of this package, or exported ones."""

from mmpsearch.apis.embedders.embedder import Embedder
from mmpsearch.apis.embedders.graph_embedder import GraphEmbedder
from mmpsearch.apis.embedders.reid_embedder import ReIDEmbedder

__all__ = ["Embedder", "GraphEmbedder", "ReIDEmbedder"]

"""Heads: from feature maps to embeddings, logits and boxes."""

from .anchor_embedder import AnchorEmbedder
from .box_embedder import BoxEmbedder, DetectionBoxEmbedder
from .sp_block import SPBlock

__all__ = ["AnchorEmbedder", "BoxEmbedder", "DetectionBoxEmbedder", "SPBlock"]

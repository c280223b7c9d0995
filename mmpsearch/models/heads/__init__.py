"""Heads: from feature maps to embeddings, logits and boxes."""

from .anchor_embedder import AnchorEmbedder
from .box_embedder import BoxEmbedder, DetectionBoxEmbedder
from .embedding_head import EmbeddingHead
from .identity_classifier import LinearClassifier, MarginClassifier
from .part_box_embedder import PartBoxEmbedder
from .proposal_head import ProposalHead
from .prototype_head import PrototypeHead
from .sp_block import SPBlock

__all__ = [
    "AnchorEmbedder",
    "BoxEmbedder",
    "DetectionBoxEmbedder",
    "EmbeddingHead",
    "LinearClassifier",
    "MarginClassifier",
    "PartBoxEmbedder",
    "ProposalHead",
    "PrototypeHead",
    "SPBlock",
]

"""Heads: from feature maps to embeddings, logits and boxes."""

from .anchor_embedder import AnchorEmbedder
from .box_embedder import BoxEmbedder, DetectionBoxEmbedder
from .embedding_head import EmbeddingHead
from .identity_classifier import LinearClassifier, MarginClassifier
from .identity_graph import IdentityGraph
from .information_bottleneck import InformationBottleneck
from .part_attention_head import PartAttentionHead
from .part_box_embedder import PartBoxEmbedder
from .permutation_head import PermutationHead
from .proposal_head import ProposalHead
from .prototype_head import PrototypeHead
from .sp_block import SPBlock

__all__ = [
    "AnchorEmbedder",
    "BoxEmbedder",
    "DetectionBoxEmbedder",
    "EmbeddingHead",
    "IdentityGraph",
    "InformationBottleneck",
    "LinearClassifier",
    "MarginClassifier",
    "PartAttentionHead",
    "PartBoxEmbedder",
    "ProposalHead",
    "PrototypeHead",
    "SPBlock",
    "PermutationHead",
]

"""Heads: from feature maps to embeddings, logits and boxes."""

from typing import Any

from mmpsearch.models.heads.embedding_head import EmbeddingHead
from mmpsearch.models.heads.identity_classifier import (
    LinearClassifier,
    MarginClassifier,
)
from mmpsearch.models.heads.identity_graph import IdentityGraph
from mmpsearch.models.heads.information_bottleneck import InformationBottleneck
from mmpsearch.models.heads.part_attention_head import PartAttentionHead
from mmpsearch.models.heads.permutation_head import PermutationHead
from mmpsearch.models.heads.prototype_head import PrototypeHead
from mmpsearch.moved import moved_name

__all__ = [
    "EmbeddingHead",
    "IdentityGraph",
    "InformationBottleneck",
    "LinearClassifier",
    "MarginClassifier",
    "PartAttentionHead",
    "PrototypeHead",
    "PermutationHead",
]


def __getattr__(name: str) -> Any:
    return moved_name(__name__, name)

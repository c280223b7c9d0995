"""Heads: from feature maps to embeddings, logits and boxes."""

from typing import Any

from mmpsearch.models.heads.embedding_head import EmbeddingHead
from mmpsearch.models.heads.identity_classifier import (
    LinearClassifier,
    MarginClassifier,
)
from mmpsearch.models.heads.part_attention_head import PartAttentionHead
from mmpsearch.models.heads.prototype_head import PrototypeHead
from mmpsearch.moved import moved_name

__all__ = [
    "EmbeddingHead",
    "LinearClassifier",
    "MarginClassifier",
    "PartAttentionHead",
    "PrototypeHead",
]


def __getattr__(name: str) -> Any:
    return moved_name(__name__, name)

"""Re-identification models."""

from .base import ReIDBase
from .ddag import DDAG
from .embedding_loss import EmbeddingLoss, ModalityEmbeddingLoss
from .reid_model import ReIDModel

__all__ = ["EmbeddingLoss", "ReIDBase", "ReIDModel", "ModalityEmbeddingLoss", "DDAG"]

"""Re-identification models."""

from .base import ReIDBase
from .channel_exchange import ChannelExchangePreprocessor
from .ddag import DDAG
from .embedding_loss import EmbeddingLoss, ModalityEmbeddingLoss
from .mirror_tested import MirrorTestedReIDModel
from .mpanet import MPANet
from .reid_model import ReIDModel
from .variational_distillation import VariationalDistillation

__all__ = [
    "ChannelExchangePreprocessor",
    "DDAG",
    "EmbeddingLoss",
    "MirrorTestedReIDModel",
    "ModalityEmbeddingLoss",
    "MPANet",
    "ReIDBase",
    "ReIDModel",
    "VariationalDistillation",
]

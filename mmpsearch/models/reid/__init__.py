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
    "EmbeddingLoss",
    "ReIDBase",
    "ReIDModel",
    "ModalityEmbeddingLoss",
    "DDAG",
    "ChannelExchangePreprocessor",
    "MirrorTestedReIDModel",
    "MPANet",
    "VariationalDistillation",
]

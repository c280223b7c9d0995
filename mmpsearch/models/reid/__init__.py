"""Re-identification models."""

from mmpsearch.models.reid.base import ReIDBase
from mmpsearch.models.reid.channel_exchange import ChannelExchangePreprocessor
from mmpsearch.models.reid.ddag import DDAG
from mmpsearch.models.reid.embedding_loss import EmbeddingLoss, ModalityEmbeddingLoss
from mmpsearch.models.reid.identity_graph import IdentityGraph
from mmpsearch.models.reid.information_bottleneck import InformationBottleneck
from mmpsearch.models.reid.mirror_tested import MirrorTestedReIDModel
from mmpsearch.models.reid.mpanet import MPANet
from mmpsearch.models.reid.reid_model import ReIDModel
from mmpsearch.models.reid.variational_distillation import VariationalDistillation

__all__ = [
    "ChannelExchangePreprocessor",
    "DDAG",
    "EmbeddingLoss",
    "IdentityGraph",
    "InformationBottleneck",
    "MirrorTestedReIDModel",
    "ModalityEmbeddingLoss",
    "MPANet",
    "ReIDBase",
    "ReIDModel",
    "VariationalDistillation",
]

"""One vector for a whole scene."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmpsearch.models.person_search.two_stage.seqnext_head import TwoLevelEmbedding
from mmpsearch.registry import MODELS


class SceneEmbedder(BaseModule):
    """The feature map, pooled to a fixed size, through an own last stage.

    Args:
        stage: config of the stage, as the person head's.
        embed_dims: size ``D`` of the embedding, as the people's.
        pool_size: rows and columns that a map is pooled to by maxima, what was padded
            included; smaller maps are enlarged by repeated bins.
    """

    def __init__(
        self, stage: dict, embed_dims: int = 2048, pool_size: int = 56
    ) -> None:
        super().__init__()
        self.stage = MODELS.build(stage)
        channels = (self.stage.in_channels, self.stage.out_channels)
        self.embedding = TwoLevelEmbedding(channels, embed_dims)
        self.pool_size = pool_size

    def forward(self, feature_map: Tensor) -> Tensor:
        """Args: feature_map ``(B, C4, h, w)``. Returns ``(B, D)``, L2-normalised."""
        pooled = F.adaptive_max_pool2d(feature_map, self.pool_size)
        return self.embedding(pooled, self.stage.continue_from(pooled))

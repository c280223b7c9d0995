"""DDAG's weighted-part aggregation (Ye et al., ECCV 2020, section 3.2)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.heads.embedding_head import Embedding
from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS


@MODELS.register_module()
class PartAttentionHead(nn.Module):
    """Adds to an image's embedding what its horizontal parts say of each other.

    The map is averaged to ``num_parts`` stripes. Every stripe becomes a mean of all
    stripes, weighted by a softmax of products (self-attention of a single head, not
    scaled); the stripes' sum, weighted by a learnt softmax over their places, is added
    to the given embedding and passes a batch norm without learnt shift.

    As released: the paper's residual batch norm of the part features is defined in the
    public code, but never applied.

    Args:
        in_channels: ``C``, of the map and of the embedding.
        num_parts: stripes, 3 in the paper.
    """

    def __init__(self, in_channels: int = 2048, num_parts: int = 3) -> None:
        super().__init__()
        self.embed_dims = in_channels
        self.query = nn.Linear(in_channels, in_channels)
        self.key = nn.Linear(in_channels, in_channels)
        self.value = nn.Linear(in_channels, in_channels)
        self.gate = nn.Parameter(torch.full((num_parts,), 1 / num_parts))
        self.bottleneck = SafeBatchNorm1d(in_channels)
        nn.init.normal_(self.bottleneck.weight, mean=1, std=0.01)
        self.bottleneck.bias.requires_grad_(False)

    def forward(self, feature_map: Tensor, embedding: Tensor) -> Embedding:
        """Refine an embedding.

        Args:
            feature_map: ``(B, C, h, w)``.
            embedding: ``(B, C)`` behind the BNNeck of the whole image.

        Returns:
            The sum of embedding and parts (``pooled`` and ``before_bn``), and behind
            the batch norm; each ``(B, C)``, at least float32.
        """
        stripes = F.adaptive_avg_pool2d(feature_map, (len(self.gate), 1))
        parts = stripes[..., 0].transpose(1, 2)  # (B, parts, C)
        scores = self.query(parts) @ self.key(parts).transpose(1, 2)
        refined = at_least_float32(scores).softmax(dim=2) @ self.value(parts)
        weighted = (self.gate.softmax(dim=0)[None, :, None] * refined).sum(dim=1)
        total = at_least_float32(embedding) + at_least_float32(weighted)
        return Embedding(total, total, self.bottleneck(total))

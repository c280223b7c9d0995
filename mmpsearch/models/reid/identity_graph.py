"""DDAG's cross-modality graph attention (Ye et al., ECCV 2020, section 3.3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.losses.cross_entropy import UNLABELLED
from mmpsearch.models.reid.graph_attention import GraphAttention
from mmpsearch.utils.distributed import (
    gather_with_gradient,
    gather_without_gradient,
)


class IdentityGraph(nn.Module):
    """Classifies images by what the images of the same person say, in training only.

    The images of a batch, of both modalities and of all ranks, are nodes; an image's
    neighbours are the images of the same person and itself. Several attention heads
    are concatenated, and one more gives the logits.

    Args:
        in_channels: ``C``.
        num_identities: classes.
        num_heads: attention heads of ``C / num_heads`` channels each.
        dropout: of the nodes (twice) and of the attention.
    """

    def __init__(
        self,
        in_channels: int,
        num_identities: int,
        num_heads: int = 4,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        if in_channels % num_heads:
            raise ValueError(f"{in_channels} channels cannot have {num_heads} heads")
        width = in_channels // num_heads
        self.heads = nn.ModuleList(
            GraphAttention(in_channels, width, dropout) for _ in range(num_heads)
        )
        self.output = GraphAttention(in_channels, num_identities, dropout)
        self.dropout = nn.Dropout(dropout)

    def logits(self, nodes: Tensor, person_ids: Tensor) -> Tensor:
        """Args: nodes ``(N, C)``, person_ids ``(N,)``. Logits ``(N, identities)``."""
        neighbours = person_ids[:, None] == person_ids[None]
        nodes = self.dropout(nodes)
        heads = [F.elu(head(nodes, neighbours)) for head in self.heads]
        nodes = self.dropout(torch.cat(heads, dim=1))
        return F.elu(self.output(nodes, neighbours))

    def forward(self, pooled: Tensor, person_ids: Tensor) -> Tensor:
        """Cross entropy of the labelled images of all ranks.

        Args:
            pooled: ``(B, C)`` pooled features, before the BNNeck.
            person_ids: ``(B,)`` int64, -1 unlabelled.

        Returns:
            Scalar; 0 (with gradient) when nobody is labelled.
        """
        labelled = (person_ids != UNLABELLED).nonzero().flatten()
        nodes = gather_with_gradient(pooled[labelled])
        ids = gather_without_gradient(person_ids[labelled])
        if not len(ids):
            return nodes.sum() * 0 + sum(p.sum() for p in self.parameters()) * 0
        return F.cross_entropy(self.logits(nodes, ids), ids)

"""Graph attention over the images of a batch (Velickovic et al., ICLR 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.precision import at_least_float32, full_precision


def attention_weights(
    values: Tensor, scores: Tensor, neighbours: Tensor, slope: float = 0.2
) -> Tensor:
    """How much every node listens to each of its neighbours.

    Args:
        values: ``(N, D)`` transformed nodes.
        scores: ``(2, D)``: the first row scores the listening node, the second the
            one listened to; their sum passes a leaky ReLU.
        neighbours: ``(N, N)`` bool; every node has one at least.
        slope: of the leaky ReLU.

    Returns:
        ``(N, N)``, rows sum to 1; 0 where not neighbours.
    """
    own, other = (values @ scores.T).unbind(dim=1)
    logits = F.leaky_relu(own[:, None] + other[None], slope)
    return logits.masked_fill(~neighbours, -torch.inf).softmax(dim=1)


class GraphAttention(nn.Module):
    """One head: a linear map, then a mean over neighbours weighted by attention.

    In float32 under mixed precision.

    Args:
        in_channels: ``C``.
        out_channels: ``D``.
        dropout: of the attention weights.
    """

    def __init__(
        self, in_channels: int, out_channels: int, dropout: float = 0.2
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels))
        self.scores = nn.Parameter(torch.empty(2, out_channels))
        self.dropout = nn.Dropout(dropout)
        nn.init.xavier_uniform_(self.weight, gain=1.414)
        # as the published vector of 2 D rows and 1 column
        nn.init.xavier_uniform_(self.scores.view(-1, 1), gain=1.414)

    def forward(self, nodes: Tensor, neighbours: Tensor) -> Tensor:
        """Args: nodes ``(N, C)``, neighbours ``(N, N)`` bool. Returns ``(N, D)``."""
        with full_precision(nodes):
            values = at_least_float32(nodes) @ self.weight
            weights = attention_weights(values, self.scores, neighbours)
            return self.dropout(weights) @ values

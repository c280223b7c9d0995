"""A scene as one query sees it."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.layers.precision import at_least_float32

Activation = Literal["se", "sum", "identity"]


class QuerySceneFusion(nn.Module):
    """Query-gated scene embeddings.

    Args:
        embed_dims: ``D``, of scenes and of people.
        activation: ``'se'``: the scene's direction, each value gated by the sigmoid
            of the query's; ``'sum'``: both added; either is followed by a batch norm.
            ``'identity'``: the scene as it is.
        temperature: of the gate; divides the query's direction.
    """

    def __init__(
        self, embed_dims: int, activation: Activation = "se", temperature: float = 0.2
    ) -> None:
        super().__init__()
        if activation not in ("se", "sum", "identity"):
            raise ValueError(
                f"activation must be 'se', 'sum' or 'identity', got {activation!r}"
            )
        self.activation, self.temperature = activation, temperature
        if activation != "identity":
            self.norm = SafeBatchNorm1d(embed_dims)

    def forward(self, queries: Tensor, scenes: Tensor) -> Tensor:
        """Fuse queries with scenes, row by row.

        Args:
            queries: ``(N, D)`` embeddings of people.
            scenes: ``(N, D)`` embeddings of scenes.

        Returns:
            ``(N, D)``, at least float32, not L2-normalised. In training the norm's
            statistics are those of all N rows.
        """
        queries, scenes = at_least_float32(queries), at_least_float32(scenes)
        if self.activation == "identity":
            return scenes
        if self.activation == "sum":
            return self.norm(queries + scenes)
        gate = (F.normalize(queries, dim=1) / self.temperature).sigmoid()
        return self.norm(F.normalize(scenes, dim=1) * gate)

    def every_pair(self, queries: Tensor, scenes: Tensor) -> Tensor:
        """``(Q, D)`` queries and ``(I, D)`` scenes to ``(I, Q, D)``, in one call."""
        rows = self(
            queries.repeat(len(scenes), 1),
            scenes.repeat_interleave(len(queries), dim=0),
        )
        return rows.unflatten(0, (len(scenes), len(queries)))

    def affine(self, queries: Tensor) -> tuple[Tensor, Tensor]:
        """Scale and shift ``(N, D)`` that take a scene's direction to its fusion.

        In evaluation mode. ``'sum'`` adds scenes of any length to queries of any
        length; those of this network have length 1.

        Args:
            queries: ``(N, D)`` embeddings of people, of length 1.
        """
        zero = torch.zeros_like(queries)
        if self.activation == "identity":
            return torch.ones_like(queries), zero
        norm = self.norm
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        shift = (norm.bias - scale * norm.running_mean).expand_as(queries)
        if self.activation == "sum":
            return scale.expand_as(queries), shift + scale * queries
        return scale * (queries / self.temperature).sigmoid(), shift

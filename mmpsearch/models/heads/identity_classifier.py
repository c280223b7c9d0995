"""Classifiers of training identities."""

from typing import Literal

import torch
from torch import Tensor, nn

from mmpsearch.models.heads import margin_softmax
from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.registry import MODELS

MARGINS = {
    "none": margin_softmax.plain_softmax,
    "circle": margin_softmax.circle_softmax,
    "arc": margin_softmax.arc_softmax,
    "cos": margin_softmax.cos_softmax,
}


@MODELS.register_module()
class LinearClassifier(nn.Module):
    """Linear layer over identities, in float32; weights start at N(0, 0.001).

    Args:
        embed_dims: ``D``.
        num_identities: ``C``.
        bias: whether it has one; behind a BNNeck it has none.
    """

    def __init__(
        self, embed_dims: int, num_identities: int, bias: bool = False
    ) -> None:
        super().__init__()
        self.linear = nn.Linear(embed_dims, num_identities, bias=bias)
        nn.init.normal_(self.linear.weight, std=0.001)
        if bias:
            nn.init.zeros_(self.linear.bias)

    def forward(self, embeddings: Tensor, person_ids: Tensor) -> Tensor:
        """Args: embeddings ``(B, D)``; person_ids not used. Logits ``(B, C)``."""
        with full_precision(embeddings):
            return self.linear(at_least_float32(embeddings))


@MODELS.register_module()
class MarginClassifier(nn.Module):
    """Cosines to class weights, with a margin on the target.

    Args:
        embed_dims: ``D``.
        num_identities: ``C``.
        margin_type: ``circle`` (SBS, MGN), ``arc``, ``cos``, or ``none``.
        scale: of the logits.
        margin: ``m``.
    """

    def __init__(
        self,
        embed_dims: int,
        num_identities: int,
        margin_type: Literal["circle", "arc", "cos", "none"] = "circle",
        scale: float = 64.0,
        margin: float = 0.35,
    ) -> None:
        super().__init__()
        if margin_type not in MARGINS:
            raise ValueError(
                f"margin_type must be one of {', '.join(MARGINS)}, got {margin_type!r}"
            )
        self.apply_margin = MARGINS[margin_type]
        self.scale, self.margin = scale, margin
        self.weight = nn.Parameter(torch.empty(num_identities, embed_dims))
        nn.init.normal_(self.weight, std=0.01)

    def forward(self, embeddings: Tensor, person_ids: Tensor) -> Tensor:
        """Args: embeddings ``(B, D)``, person_ids ``(B,)``. Logits ``(B, C)``."""
        with full_precision(embeddings):
            cosines = margin_softmax.cosine_logits(
                at_least_float32(embeddings), self.weight
            )
        return self.apply_margin(cosines, person_ids, self.scale, self.margin)

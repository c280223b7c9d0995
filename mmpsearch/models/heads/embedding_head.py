"""From a pooled part to its embedding."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.registry import MODELS

Stage = Literal["pooled", "before_bn", "after_bn"]


@dataclass(frozen=True)
class Embedding:
    """A part's vectors on the way to its classifier.

    Attributes:
        pooled: ``(B, C)`` as the neck gave it.
        before_bn: ``(B, D)`` reduced; without a reduction, ``pooled``.
        after_bn: ``(B, D)`` behind the BNNeck; without one, ``before_bn``.
    """

    pooled: Tensor
    before_bn: Tensor
    after_bn: Tensor


@MODELS.register_module()
class EmbeddingHead(nn.Module):
    """Optional reduction and BNNeck of one part.

    The BNNeck (Luo et al., "Bag of Tricks", section 3.6) is a batch norm without a
    learnt shift between the embedding of the triplet loss and the one of the
    classifier. Under several ranks its statistics are those of the global batch.

    Args:
        in_channels: ``C``.
        embed_dims: ``D`` of a linear reduction; None for none.
        activation: batch norm and ReLU behind the reduction (PCB, BDB).
        bn_neck: whether there is a BNNeck.
        learn_shift: whether the BNNeck's shift is learnt.
        dropout: of the classifier's embedding.
        scale_std: spread around 1 at which the BNNeck's scales start (AGW's code for
            two modalities: 0.01).
    """

    def __init__(
        self,
        in_channels: int,
        embed_dims: int | None = None,
        activation: bool = False,
        bn_neck: bool = True,
        learn_shift: bool = False,
        dropout: float = 0.0,
        scale_std: float = 0.0,
    ) -> None:
        super().__init__()
        self.embed_dims = embed_dims or in_channels
        self.reduction: nn.Module = nn.Identity()
        if embed_dims is not None:
            linear = nn.Linear(in_channels, embed_dims, bias=False)
            nn.init.kaiming_normal_(linear.weight, mode="fan_out")
            layers: list[nn.Module] = [linear]
            if activation:
                layers += [SafeBatchNorm1d(embed_dims), nn.ReLU()]
            self.reduction = nn.Sequential(*layers)
        elif activation:
            raise ValueError("activation needs a reduction, embed_dims")
        self.bottleneck: nn.Module = nn.Identity()
        if bn_neck:
            self.bottleneck = SafeBatchNorm1d(self.embed_dims)
            self.bottleneck.bias.requires_grad_(learn_shift)
            if scale_std:
                nn.init.normal_(self.bottleneck.weight, 1.0, scale_std)
        self.dropout = nn.Dropout(dropout)

    def forward(self, part: Tensor) -> Embedding:
        """Args: part ``(B, C)``. Returns its vectors, at least float32."""
        pooled = at_least_float32(part)
        before = at_least_float32(self.reduction(pooled))
        return Embedding(pooled, before, self.dropout(self.bottleneck(before)))

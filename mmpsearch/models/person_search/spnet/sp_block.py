"""SPNet's SP Block: offset layer with two pathways, logits layer, box regression."""

import torch
from torch import Tensor, nn

from mmpsearch.models.person_search.spnet.logits import BatchNormLogits, FixedNormLogits
from mmpsearch.registry import MODELS

LOGITS_LAYERS = {"fixed_norm": FixedNormLogits, "batch_norm": BatchNormLogits}


class Bridge(nn.Module):
    """Predicts the query embedding which an anchor embedding would match.

    ``W`` and ``b`` start at zero, so that the first offset is ``-a``.

    Args:
        embed_dims: size ``D`` of the embeddings.
    """

    def __init__(self, embed_dims: int) -> None:
        super().__init__()
        self.linear = nn.Linear(embed_dims, embed_dims)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, embeddings: Tensor) -> Tensor:
        """Args: embeddings ``(..., D)``. Returns offsets ``W a + b - a``, alike."""
        return self.linear(embeddings) - embeddings

    def affine(self) -> tuple[Tensor, Tensor]:
        """Matrix ``W - I`` ``(D, D)`` and vector ``b`` ``(D,)`` of the offset."""
        weight = self.linear.weight
        identity = torch.eye(len(weight), dtype=weight.dtype, device=weight.device)
        return weight - identity, self.linear.bias


class DirectBridge(nn.Module):
    """Maps an anchor embedding to its offset by one layer that starts at ``-I``.

    A variant which the public implementation offers and no published row uses.

    Args:
        embed_dims: size ``D`` of the embeddings.
    """

    def __init__(self, embed_dims: int) -> None:
        super().__init__()
        self.linear = nn.Linear(embed_dims, embed_dims)
        with torch.no_grad():
            self.linear.weight.copy_(-torch.eye(embed_dims))
            self.linear.bias.zero_()

    def forward(self, embeddings: Tensor) -> Tensor:
        """Args: embeddings ``(..., D)``. Returns offsets, alike."""
        return self.linear(embeddings)

    def affine(self) -> tuple[Tensor, Tensor]:
        """Matrix ``(D, D)`` and vector ``(D,)`` of the offset."""
        return self.linear.weight, self.linear.bias


BRIDGES = {"affine": Bridge, "direct": DirectBridge}


class RegressionHead(nn.Module):
    """Box deltas from an offset embedding: an MLP with four hidden layers.

    Args:
        embed_dims: size ``D`` of the embeddings.
        num_hidden: number of hidden layers (public code: 4 and an output layer;
            section 3.1 speaks of a 4-layer MLP).
    """

    def __init__(self, embed_dims: int, num_hidden: int = 4) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(num_hidden):
            layers += [nn.Linear(embed_dims, embed_dims), nn.ReLU()]
        self.hidden = nn.Sequential(*layers)
        self.output = nn.Linear(embed_dims, 4)

    def forward(self, offsets: Tensor) -> Tensor:
        """Args: offsets ``(..., D)``. Returns dx, dy, dw, dh ``(..., 4)``."""
        return self.output(self.hidden(offsets))


@MODELS.register_module()
class SPBlock(nn.Module):
    """One stage of SPNet's box detector (paper, figures 3 and 4, section 3.3).

    The two pathways differ only in where the offset comes from: from a query
    embedding, or from the bridge's guess of one.

    Args:
        embed_dims: size ``D`` of anchor and detection embeddings.
        logits: ``'fixed_norm'`` or ``'batch_norm'`` (Table 9).
        positive_logits: a long offset means a match (rows "(+)" of Table 9).
        bridge: ``'affine'`` or ``'direct'``.
        num_hidden: hidden layers of the regression; the paper's "4-layer MLP" is 3.
    """

    def __init__(
        self,
        embed_dims: int = 128,
        logits: str = "fixed_norm",
        positive_logits: bool = False,
        bridge: str = "affine",
        num_hidden: int = 4,
    ) -> None:
        super().__init__()
        self.embed_dims = embed_dims
        self.positive_logits = positive_logits
        self.bridge = BRIDGES[bridge](embed_dims)
        self.logits = LOGITS_LAYERS[logits](embed_dims, positive_logits)
        self.regression = RegressionHead(embed_dims, num_hidden)

    def object_offsets(self, embeddings: Tensor) -> Tensor:
        """Object-centric pathway.

        Args:
            embeddings: ``(..., D)`` of anchors or boxes.

        Returns:
            Offsets ``(..., D)``.
        """
        return self.bridge(embeddings)

    @staticmethod
    def query_offsets(queries: Tensor, embeddings: Tensor) -> Tensor:
        """Query-centric pathway: ``q - a``.

        Args:
            queries: ``(..., D)`` detection embeddings of the queries.
            embeddings: ``(..., D)`` of anchors or boxes.

        Returns:
            Offsets ``(..., D)``.
        """
        return queries - embeddings

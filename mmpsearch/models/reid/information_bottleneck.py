"""Information bottleneck of variational distillation (Tian et al., CVPR 2021)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d


@dataclass(frozen=True)
class Bottlenecked:
    """What a bottleneck gives.

    Attributes:
        representation: ``(B, Z)``.
        logits: ``(B, identities)``.
    """

    representation: Tensor
    logits: Tensor


class InformationBottleneck(nn.Module):
    """Narrow MLP of an embedding, and a classifier of what passes it.

    Deterministic, as in the public code: nothing is sampled. Its output has twice
    ``latent_dims``, where a mean and a spread would stand.

    Args:
        in_channels: size of the embedding.
        num_identities: classes.
        latent_dims: half the size ``Z`` of the representation.
        hidden_dims: of the MLP.
        dropout: before the last layer of the classifier.
    """

    def __init__(
        self,
        in_channels: int,
        num_identities: int,
        latent_dims: int = 256,
        hidden_dims: tuple[int, ...] = (1000, 500),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        sizes = [in_channels, *hidden_dims]
        for before, after in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Linear(before, after), SafeBatchNorm1d(after), nn.ReLU()]
        self.encoder = nn.Sequential(*layers, nn.Linear(sizes[-1], 2 * latent_dims))
        self.classifier = nn.Sequential(
            nn.Linear(2 * latent_dims, latent_dims),
            SafeBatchNorm1d(latent_dims),
            nn.LeakyReLU(0.1),
            nn.Dropout(dropout),
            nn.Linear(latent_dims, num_identities),
        )
        for layer in self.encoder:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out")
                nn.init.zeros_(layer.bias)
            elif isinstance(layer, SafeBatchNorm1d):
                nn.init.normal_(layer.weight, mean=1, std=0.02)
        for layer in self.classifier:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=0.001)
                nn.init.zeros_(layer.bias)

    def forward(self, embeddings: Tensor) -> Bottlenecked:
        """Args: embeddings ``(B, C)``. Returns representation and logits."""
        with torch.autocast(embeddings.device.type, enabled=False):
            representation = self.encoder(embeddings)
            return Bottlenecked(representation, self.classifier(representation))

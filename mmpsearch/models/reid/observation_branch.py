"""One of the networks of variational distillation."""

from typing import NamedTuple

from torch import Tensor, nn

from mmpsearch.models.heads.embedding_head import EmbeddingHead
from mmpsearch.models.heads.identity_classifier import LinearClassifier
from mmpsearch.models.necks.global_pool_neck import GlobalPoolNeck
from mmpsearch.models.reid.information_bottleneck import (
    Bottlenecked,
    InformationBottleneck,
)
from mmpsearch.registry import MODELS


class Path(NamedTuple):
    """What a branch makes of one version of the images.

    Attributes:
        observation: ``(B, D)`` embedding behind the BNNeck.
        logits: ``(B, identities)`` of its classifier.
        bottleneck: representation and logits of its information bottleneck.
    """

    observation: Tensor
    logits: Tensor
    bottleneck: Bottlenecked


class ObservationBranch(nn.Module):
    """Backbone, pooling, BNNeck, classifier and information bottleneck.

    Args:
        backbone: config.
        in_channels: ``D`` of its last map.
        num_identities: classes; None for testing alone.
    """

    def __init__(
        self, backbone: dict, in_channels: int, num_identities: int | None
    ) -> None:
        super().__init__()
        self.backbone = MODELS.build(backbone)
        self.neck, self.head = GlobalPoolNeck(), EmbeddingHead(in_channels)
        if num_identities is not None:
            self.classifier = LinearClassifier(in_channels, num_identities, bias=True)
            self.bottleneck = InformationBottleneck(in_channels, num_identities)

    def init_weights(self) -> None:
        """The backbone's."""
        self.backbone.init_weights()

    def observe(self, images: Tensor) -> Tensor:
        """Args: images ``(B, 3, H, W)``. Returns embeddings ``(B, D)``."""
        return self.head(self.neck(self.backbone(images))["whole"]).after_bn

    def forward(self, images: Tensor, person_ids: Tensor) -> Path:
        """Args: images ``(B, 3, H, W)``, person_ids ``(B,)``. Returns the path."""
        observation = self.observe(images)
        logits = self.classifier(observation, person_ids)
        return Path(observation, logits, self.bottleneck(observation))

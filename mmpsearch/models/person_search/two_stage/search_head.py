"""What a two-stage person-search method has to bring: one head."""

from abc import ABC, abstractmethod
from typing import NamedTuple

from mmengine.model import BaseModule
from torch import Tensor

from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.structures import FoundBoxes, GroundTruth
from mmpsearch.models.person_search.two_stage.regions import SelectSettings


class HeadLosses(NamedTuple):
    """What a head gives for training.

    Attributes:
        losses: named detection losses, weighted.
        embeddings: ``(N, D)`` that the re-id loss is to see.
        person_ids: ``(N,)`` int64, -1 for a person without identity label.
        unique_ids: ``(N,)`` int64, equal exactly for boxes of one person; for losses
            that name them.
        image_index: ``(N,)`` int64, ascending.
    """

    losses: dict[str, Tensor]
    embeddings: Tensor
    person_ids: Tensor
    unique_ids: Tensor | None = None
    image_index: Tensor | None = None

    @classmethod
    def of_matches(
        cls,
        losses: dict[str, Tensor],
        embeddings: Tensor,
        matched: Tensor,
        truth: GroundTruth,
    ) -> "HeadLosses":
        """With the ids of the people whom embeddings show.

        Args:
            losses: named detection losses, weighted.
            embeddings: ``(N, D)``.
            matched: ``(N,)`` int64 positions in the ground truth.
            truth: boxes of the batch.
        """
        ids = truth.person_ids[matched], truth.unique_ids[matched]
        return cls(losses, embeddings, *ids, truth.image_index[matched])


class SearchHead(BaseModule, ABC):
    """From the feature map and proposals to people and their embeddings.

    A new method is a subclass with these three methods and a config; backbone,
    proposals, re-id loss and evaluation are those of
    :class:`~mmpsearch.models.person_search.TwoStageSearch`.
    """

    embed_dims: int

    @abstractmethod
    def loss(
        self, feature_map: Tensor, proposals: BoxBatch, truth: GroundTruth
    ) -> HeadLosses:
        """Detection losses and the embeddings to learn identities from.

        Args:
            feature_map: ``(B, C4, h, w)``.
            proposals: boxes of the region proposal network, without gradient.
            truth: boxes of the batch.
        """

    @abstractmethod
    def detect(
        self,
        feature_map: Tensor,
        proposals: BoxBatch,
        image_sizes: Tensor,
        settings: SelectSettings,
    ) -> FoundBoxes:
        """People among the proposals.

        Args:
            feature_map: ``(B, C4, h, w)``.
            proposals: boxes of the region proposal network.
            image_sizes: ``(B, 2)`` height, width before padding.
            settings: limits of inference.
        """

    @abstractmethod
    def embed(self, feature_map: Tensor, boxes: BoxBatch) -> Tensor:
        """Embeddings ``(N, D)`` of given boxes, such as a query's."""

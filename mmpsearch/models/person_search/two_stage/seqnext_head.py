"""SeqNeXt's head (Jaffe and Zakhor, WACV 2023): SeqNet's, with plain predictors."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.two_stage.sequential_head import SequentialHead
from mmpsearch.registry import MODELS


class TwoLevelEmbedding(nn.Module):
    """Maxima before and after the last stage, projected and concatenated.

    As :class:`NormAwareEmbedding`, whose length is not used here.

    Args:
        in_channels: channels of the two maps.
        embed_dims: size ``D`` of the embedding, even.
    """

    def __init__(self, in_channels: Sequence[int], embed_dims: int = 2048) -> None:
        super().__init__()
        self.projections = nn.ModuleList(
            nn.Sequential(
                nn.Linear(c, embed_dims // 2), SafeBatchNorm1d(embed_dims // 2)
            )
            for c in in_channels
        )
        for linear, norm in self.projections:
            for module in (linear, norm):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.zeros_(module.bias)

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        """Embed maps.

        Args:
            before: ``(N, C4, ., .)``.
            after: ``(N, C5, ., .)``.

        Returns:
            ``(N, D)`` L2-normalised, at least float32.
        """
        vectors = [
            projection(x.amax(dim=(2, 3)))
            for projection, x in zip(self.projections, (before, after), strict=True)
        ]
        return F.normalize(at_least_float32(torch.cat(vectors, dim=1)), dim=1)


@MODELS.register_module()
class SeqNeXtHead(SequentialHead):
    """Score, box and embedding of the second stage by linear layers.

    At test time the score is the second stage's. The published similarities are
    weighted with it: ``PersonSearchMetric(confidence_weighted=True)``.

    Args:
        detection_stage: config of the first :class:`RegionTrunk`.
        search_stage: config of the second one.
        embed_dims: size ``D`` of the embedding.
        **kwargs: of :class:`SequentialHead`.
    """

    def __init__(
        self,
        detection_stage: dict,
        search_stage: dict,
        embed_dims: int = 2048,
        **kwargs,
    ) -> None:
        super().__init__(detection_stage, search_stage, embed_dims, **kwargs)
        channels = (self.search_stage.in_channels, self.search_stage.out_channels)
        self.embedding = TwoLevelEmbedding(channels, embed_dims)
        self.classifier = nn.Linear(channels[1], 1)
        self.regressor = nn.Linear(channels[1], 4)

    def second_stage(
        self, feature_map: Tensor, boxes: BoxBatch
    ) -> tuple[Tensor, Tensor, Tensor]:
        before, after = self.search_stage(feature_map, boxes.boxes, boxes.image_index)
        vectors = after.amax(dim=(2, 3))
        logits = self.classifier(vectors)[:, 0]
        return self.embedding(before, after), logits, self.regressor(vectors)

    def final_scores(self, first_scores: Tensor, logits: Tensor) -> Tensor:
        return logits.float().sigmoid()

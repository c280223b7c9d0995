"""SeqNet's head (Li and Miao, AAAI 2021): detect first, then refine and embed."""

from torch import Tensor

from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.two_stage.box_predictor import BoxRegressor
from mmpsearch.models.person_search.two_stage.norm_aware import NormAwareEmbedding
from mmpsearch.models.person_search.two_stage.sequential_head import SequentialHead
from mmpsearch.registry import MODELS


@MODELS.register_module()
class SeqNetHead(SequentialHead):
    """A Faster R-CNN whose boxes are the proposals of a norm-aware head.

    At test time the score is the first stage's.

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
        embed_dims: int = 256,
        **kwargs,
    ) -> None:
        super().__init__(detection_stage, search_stage, embed_dims, **kwargs)
        channels = (self.search_stage.in_channels, self.search_stage.out_channels)
        self.embedding = NormAwareEmbedding(channels, embed_dims)
        self.regressor = BoxRegressor(channels[1], batch_norm=True)

    def second_stage(
        self, feature_map: Tensor, boxes: BoxBatch
    ) -> tuple[Tensor, Tensor, Tensor]:
        before, after = self.search_stage(feature_map, boxes.boxes, boxes.image_index)
        embeddings, logits = self.embedding(before, after)
        return embeddings, logits, self.regressor(after.amax(dim=(2, 3)))

    def final_scores(self, first_scores: Tensor, logits: Tensor) -> Tensor:
        return first_scores

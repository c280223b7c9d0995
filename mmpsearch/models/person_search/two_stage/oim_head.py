"""OIM's head (Xiao et al., CVPR 2017): one trunk, three linear layers."""

from torch import Tensor, nn

from mmpsearch.models.layers.batch_norm import SafeBatchNorm1d
from mmpsearch.models.person_search.region_sampling import (
    BoxBatch,
    SampleSettings,
    sample_regions,
)
from mmpsearch.models.person_search.structures import FoundBoxes, GroundTruth
from mmpsearch.models.person_search.two_stage.box_predictor import (
    BoxPredictor,
    person_scores,
    region_box_loss,
    softmax_region_loss,
)
from mmpsearch.models.person_search.two_stage.regions import (
    SelectSettings,
    move_regions,
    select_boxes,
)
from mmpsearch.models.person_search.two_stage.search_head import HeadLosses, SearchHead
from mmpsearch.registry import MODELS


@MODELS.register_module()
class OIMHead(SearchHead):
    """Class, box and embedding of a region from one averaged vector.

    Args:
        stage: config of the :class:`RegionStage`.
        embed_dims: size ``D`` of the embedding.
        norm: batch norm behind the projection. The published head has none: its
            embeddings share a large mean, so that short trainings from scratch leave
            different people alike.
        sampling: of training regions, see :class:`SampleSettings`.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        stage: dict,
        embed_dims: int = 256,
        norm: bool = False,
        sampling: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.stage = MODELS.build(stage)
        self.predictor = BoxPredictor(self.stage.out_channels)
        self.projection = nn.Linear(self.stage.out_channels, embed_dims)
        nn.init.normal_(self.projection.weight, std=0.01)
        nn.init.zeros_(self.projection.bias)
        self.norm = SafeBatchNorm1d(embed_dims) if norm else nn.Identity()
        self.embed_dims = embed_dims
        self.sampling = SampleSettings(**(sampling or {}))

    def _vectors(self, feature_map: Tensor, boxes: BoxBatch) -> Tensor:
        _, after = self.stage(feature_map, boxes.boxes, boxes.image_index)
        return after.mean(dim=(2, 3))

    def _project(self, vectors: Tensor) -> Tensor:
        """``(N, C)`` vectors of regions to ``(N, D)`` embeddings."""
        return self.norm(self.projection(vectors))

    def loss(
        self, feature_map: Tensor, proposals: BoxBatch, truth: GroundTruth
    ) -> HeadLosses:
        """See :meth:`SearchHead.loss`; every matched region shows its identity."""
        regions = sample_regions(proposals, truth, self.sampling)
        vectors = self._vectors(feature_map, BoxBatch(*regions[:2]))
        logits, deltas = self.predictor(vectors)
        losses = {
            "loss_class": softmax_region_loss(logits, regions.positive),
            "loss_box": region_box_loss(deltas, regions, truth),
        }
        places = regions.places
        embeddings = self._project(vectors[places])
        matched = regions.matched[places]
        return HeadLosses.of_matches(losses, embeddings, matched, truth)

    def detect(
        self,
        feature_map: Tensor,
        proposals: BoxBatch,
        image_sizes: Tensor,
        settings: SelectSettings,
    ) -> FoundBoxes:
        """See :meth:`SearchHead.detect`; proposals are embedded, not refined boxes."""
        vectors = self._vectors(feature_map, proposals)
        logits, deltas = self.predictor(vectors)
        boxes = move_regions(deltas, proposals, image_sizes)
        found = select_boxes(
            boxes,
            person_scores(logits),
            proposals.image_index,
            len(image_sizes),
            settings,
        )
        return FoundBoxes(*found[:3], self._project(vectors[found.source]))

    def embed(self, feature_map: Tensor, boxes: BoxBatch) -> Tensor:
        """See :meth:`SearchHead.embed`."""
        return self._project(self._vectors(feature_map, boxes))

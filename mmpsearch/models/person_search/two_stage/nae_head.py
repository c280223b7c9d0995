"""NAE's and NAE+'s head (Chen et al., CVPR 2020)."""

from torch import Tensor

from mmpsearch.models.person_search.region_sampling import (
    BoxBatch,
    SampledRegions,
    SampleSettings,
    sample_regions,
)
from mmpsearch.models.person_search.structures import FoundBoxes, GroundTruth
from mmpsearch.models.person_search.two_stage.box_predictor import (
    BoxRegressor,
    binary_region_loss,
    region_box_loss,
)
from mmpsearch.models.person_search.two_stage.norm_aware import (
    NormAwareEmbedding,
    PixelWiseEmbedding,
    cell_coverage,
    pixel_wise_loss,
)
from mmpsearch.models.person_search.two_stage.regions import (
    SelectSettings,
    move_regions,
    select_boxes,
)
from mmpsearch.models.person_search.two_stage.search_head import HeadLosses, SearchHead
from mmpsearch.registry import MODELS


@MODELS.register_module()
class NAEHead(SearchHead):
    """The embedding's length says whether, its direction who.

    Args:
        stage: config of the :class:`RegionStage`.
        embed_dims: size ``D`` of the embedding.
        pixel_wise: NAE+: norms at every position. Its labels are the share of a
            position that the matched box covers; the public code compares unmatched
            regions with the image's first box, here they are background. Scores are
            divided by the largest of their image (there: of the batch).
        box_weight: of the box loss; the public recipe has 10.
        sampling: of training regions, see :class:`SampleSettings`.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        stage: dict,
        embed_dims: int = 256,
        pixel_wise: bool = False,
        box_weight: float = 10.0,
        sampling: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.stage = MODELS.build(stage)
        kind = PixelWiseEmbedding if pixel_wise else NormAwareEmbedding
        channels = (self.stage.in_channels, self.stage.out_channels)
        self.embedding = kind(channels, embed_dims)
        self.regressor = BoxRegressor(self.stage.out_channels, batch_norm=True)
        self.embed_dims, self.pixel_wise = embed_dims, pixel_wise
        self.box_weight = box_weight
        self.sampling = SampleSettings(**(sampling or {}))

    def _outputs(
        self, feature_map: Tensor, boxes: BoxBatch
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings ``(N, D)``, logits ``(N, ...)`` and deltas ``(N, 4)``."""
        before, after = self.stage(feature_map, boxes.boxes, boxes.image_index)
        embeddings, logits = self.embedding(before, after)
        pooled = after.mean if self.pixel_wise else after.amax
        return embeddings, logits, self.regressor(pooled(dim=(2, 3)))

    def loss(
        self, feature_map: Tensor, proposals: BoxBatch, truth: GroundTruth
    ) -> HeadLosses:
        """See :meth:`SearchHead.loss`; every matched region shows its identity."""
        regions = sample_regions(proposals, truth, self.sampling)
        embeddings, logits, deltas = self._outputs(feature_map, BoxBatch(*regions[:2]))
        losses = {
            "loss_class": self._class_loss(logits, regions, truth),
            "loss_box": self.box_weight * region_box_loss(deltas, regions, truth),
        }
        places = regions.places
        matched = regions.matched[places]
        return HeadLosses.of_matches(losses, embeddings[places], matched, truth)

    def _class_loss(
        self, logits: Tensor, regions: SampledRegions, truth: GroundTruth
    ) -> Tensor:
        if not self.pixel_wise:
            return binary_region_loss(logits, regions.positive)
        places, targets = regions.places, logits.new_zeros(logits.shape)
        targets[places] = cell_coverage(
            regions.boxes[places].to(logits.dtype),
            truth.boxes[regions.matched[places]].to(logits.dtype),
            logits.shape[1:],
        )
        return pixel_wise_loss(logits, targets)

    def detect(
        self,
        feature_map: Tensor,
        proposals: BoxBatch,
        image_sizes: Tensor,
        settings: SelectSettings,
    ) -> FoundBoxes:
        """See :meth:`SearchHead.detect`; proposals are embedded, not refined boxes."""
        embeddings, logits, deltas = self._outputs(feature_map, proposals)
        scores = logits.sigmoid()
        if self.pixel_wise:
            scores = _relative(scores.mean(dim=(1, 2)), proposals.image_index)
        boxes = move_regions(deltas, proposals, image_sizes)
        found = select_boxes(
            boxes, scores, proposals.image_index, len(image_sizes), settings
        )
        return FoundBoxes(*found[:3], embeddings[found.source])

    def embed(self, feature_map: Tensor, boxes: BoxBatch) -> Tensor:
        """See :meth:`SearchHead.embed`."""
        return self._outputs(feature_map, boxes)[0]


def _relative(scores: Tensor, image_index: Tensor) -> Tensor:
    """Scores divided by the largest one of their image."""
    if not len(scores):
        return scores
    largest = scores.new_zeros(int(image_index.max()) + 1)
    largest = largest.scatter_reduce(0, image_index, scores, "amax")
    return scores / largest[image_index].clamp(min=1e-12)

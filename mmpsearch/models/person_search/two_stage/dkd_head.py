"""DKD's student (Zhang et al., AAAI 2021): two trunks that share nothing."""

from torch import Tensor

from mmpsearch.models.heads.embedding_head import EmbeddingHead
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
class DKDHead(SearchHead):
    """Detection and re-identification, each with its own conv5.

    Identities are learnt from ground-truth boxes alone. At test time the final boxes
    are embedded, behind the BNNeck.

    Args:
        detection_stage: config of the detection's :class:`RegionStage`.
        search_stage: config of the re-identification's.
        bn_neck: batch norm behind the pooled vector, without a learnt shift.
        sampling: of the detection's regions, see :class:`SampleSettings`.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        detection_stage: dict,
        search_stage: dict,
        bn_neck: bool = True,
        sampling: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.detection_stage = MODELS.build(detection_stage)
        self.predictor = BoxPredictor(self.detection_stage.out_channels)
        self.search_stage = MODELS.build(search_stage)
        self.embed_dims = self.search_stage.out_channels
        self.neck = EmbeddingHead(self.embed_dims, bn_neck=bn_neck)
        self.sampling = SampleSettings(**(sampling or {}))

    def _detection(self, feature_map: Tensor, boxes: BoxBatch) -> tuple[Tensor, Tensor]:
        """Logits ``(N, 2)`` and deltas ``(N, 4)``."""
        _, after = self.detection_stage(feature_map, boxes.boxes, boxes.image_index)
        return self.predictor(after.mean(dim=(2, 3)))

    def loss(
        self, feature_map: Tensor, proposals: BoxBatch, truth: GroundTruth
    ) -> HeadLosses:
        """See :meth:`SearchHead.loss`; one embedding per box of the truth, in order."""
        regions = sample_regions(proposals, truth, self.sampling)
        logits, deltas = self._detection(feature_map, BoxBatch(*regions[:2]))
        losses = {
            "loss_class": softmax_region_loss(logits, regions.positive),
            "loss_box": region_box_loss(deltas, regions, truth),
        }
        people = BoxBatch(truth.boxes, truth.image_index)
        embeddings = self.embed(feature_map, people)
        return HeadLosses(
            losses,
            embeddings,
            truth.person_ids,
            truth.unique_ids,
            truth.image_index,
        )

    def detect(
        self,
        feature_map: Tensor,
        proposals: BoxBatch,
        image_sizes: Tensor,
        settings: SelectSettings,
    ) -> FoundBoxes:
        """See :meth:`SearchHead.detect`; the final boxes are embedded."""
        logits, deltas = self._detection(feature_map, proposals)
        found = select_boxes(
            move_regions(deltas, proposals, image_sizes),
            person_scores(logits),
            proposals.image_index,
            len(image_sizes),
            settings,
        )
        people = BoxBatch(found.boxes, found.image_index)
        return FoundBoxes(*found[:3], self.embed(feature_map, people))

    def embed(self, feature_map: Tensor, boxes: BoxBatch) -> Tensor:
        """See :meth:`SearchHead.embed`; behind the BNNeck, not L2-normalised."""
        _, after = self.search_stage(feature_map, boxes.boxes, boxes.image_index)
        return self.neck(after.mean(dim=(2, 3))).after_bn

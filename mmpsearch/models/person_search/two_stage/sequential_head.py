"""Detect first, then refine and embed: what SeqNet and SeqNeXt share."""

from abc import abstractmethod

from torch import Tensor

from mmpsearch.models.person_search.region_sampling import (
    BoxBatch,
    SampleSettings,
    sample_regions,
)
from mmpsearch.models.person_search.structures import FoundBoxes, GroundTruth
from mmpsearch.models.person_search.two_stage.box_predictor import (
    BoxPredictor,
    binary_region_loss,
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


class SequentialHead(SearchHead):
    """A Faster R-CNN whose boxes are the proposals of a second stage.

    A box is embedded where the first stage put it and reported where the second one
    moved it, as in the public codes.

    Args:
        detection_stage: config of the first :class:`RegionTrunk`.
        search_stage: config of the second one.
        embed_dims: size ``D`` of the embedding.
        proposal_box_weight: of the first stage's box loss.
        box_weight: of the second stage's box loss.
        final_nms_iou: of the non-maximum suppression of refined boxes.
        sampling: of both stages' regions, see :class:`SampleSettings`.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        detection_stage: dict,
        search_stage: dict,
        embed_dims: int = 256,
        proposal_box_weight: float = 10.0,
        box_weight: float = 1.0,
        final_nms_iou: float = 0.5,
        sampling: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.detection_stage = MODELS.build(detection_stage)
        self.predictor = BoxPredictor(self.detection_stage.out_channels)
        self.search_stage = MODELS.build(search_stage)
        self.embed_dims = embed_dims
        self.proposal_box_weight, self.box_weight = proposal_box_weight, box_weight
        self.final_nms_iou = final_nms_iou
        self.sampling = SampleSettings(**(sampling or {}))

    def first_stage(
        self, feature_map: Tensor, boxes: BoxBatch
    ) -> tuple[Tensor, Tensor]:
        """Logits ``(N, 2)`` and deltas ``(N, 4)``."""
        _, after = self.detection_stage(feature_map, boxes.boxes, boxes.image_index)
        return self.predictor(after.amax(dim=(2, 3)))

    @abstractmethod
    def second_stage(
        self, feature_map: Tensor, boxes: BoxBatch
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings ``(N, D)``, logits ``(N,)`` and deltas ``(N, 4)``."""

    @abstractmethod
    def final_scores(self, first_scores: Tensor, logits: Tensor) -> Tensor:
        """Scores ``(N,)`` that are reported.

        Args:
            first_scores: ``(N,)`` of the first stage.
            logits: ``(N,)`` of the second stage.
        """

    def loss(
        self, feature_map: Tensor, proposals: BoxBatch, truth: GroundTruth
    ) -> HeadLosses:
        """See :meth:`SearchHead.loss`; the second stage's matches show identities."""
        first = sample_regions(proposals, truth, self.sampling)
        logits, deltas = self.first_stage(feature_map, BoxBatch(*first[:2]))
        losses = {
            "loss_proposal_class": softmax_region_loss(logits, first.positive),
            "loss_proposal_box": self.proposal_box_weight
            * region_box_loss(deltas, first, truth),
        }
        moved = move_regions(deltas.detach(), first, truth.image_sizes)
        refined = BoxBatch(moved, first.image_index)
        second = sample_regions(refined, truth, self.sampling)
        embeddings, logits, deltas = self.second_stage(
            feature_map, BoxBatch(*second[:2])
        )
        losses["loss_class"] = binary_region_loss(logits, second.positive)
        box_loss = region_box_loss(deltas, second, truth)
        losses["loss_box"] = self.box_weight * box_loss
        places = second.places
        matched = second.matched[places]
        return HeadLosses.of_matches(losses, embeddings[places], matched, truth)

    def detect(
        self,
        feature_map: Tensor,
        proposals: BoxBatch,
        image_sizes: Tensor,
        settings: SelectSettings,
    ) -> FoundBoxes:
        """See :meth:`SearchHead.detect`."""
        logits, deltas = self.first_stage(feature_map, proposals)
        boxes = move_regions(deltas, proposals, image_sizes)
        first = select_boxes(
            boxes,
            person_scores(logits),
            proposals.image_index,
            len(image_sizes),
            settings,
        )
        people = BoxBatch(first.boxes, first.image_index)
        embeddings, logits, deltas = self.second_stage(feature_map, people)
        final = select_boxes(
            move_regions(deltas, people, image_sizes),
            self.final_scores(first.scores, logits),
            first.image_index,
            len(image_sizes),
            SelectSettings(
                settings.score_threshold, self.final_nms_iou, settings.max_boxes
            ),
        )
        return FoundBoxes(*final[:3], embeddings[final.source])

    def embed(self, feature_map: Tensor, boxes: BoxBatch) -> Tensor:
        """See :meth:`SearchHead.embed`; by the second stage."""
        return self.second_stage(feature_map, boxes)[0]

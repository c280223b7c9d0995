"""What SPNet's two training pathways have in common."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.structures import Features, Regions
from mmpsearch.models.person_search.structures import GroundTruth


class TrainPathway(ABC):
    """How training offsets are made, matched and sampled.

    Args:
        match_iou: smallest IoU of an anchor with its person.
        ignore_iou: anchors from here up to ``match_iou`` are left out. The paper
            (section 3.2) has no such band: ``ignore_iou=0.5``.
        match_low_quality: also match every person's best anchors (not in the paper).
        classify_first_stage: add L_cls of the first stage, which the paper's sum
            contains and the public code leaves out.
        average_logit_losses: ``'matches'`` divides L_anc and L_cls by the number of
            matches, as the public code does; ``'all'`` averages them over all anchors
            or boxes, as the paper reads.
        reid_iou: predicted boxes with this IoU take part in the re-id loss.
        reid_ground_truth_only: the re-id loss sees ground-truth boxes alone (paper,
            Table 6, "Re-id GT").
    """

    query_centric: ClassVar[bool | None]
    """Whether offsets come from queries; None: none are trained."""
    trains_detection = True

    def __init__(
        self,
        match_iou: float = 0.5,
        ignore_iou: float = 0.4,
        match_low_quality: bool = True,
        classify_first_stage: bool = False,
        average_logit_losses: str = "matches",
        reid_iou: float = 0.7,
        reid_ground_truth_only: bool = False,
    ) -> None:
        self.match_iou = match_iou
        self.ignore_iou = ignore_iou
        self.match_low_quality = match_low_quality
        self.classify_first_stage = classify_first_stage
        self.average_logit_losses = average_logit_losses
        self.reid_iou = reid_iou
        self.reid_ground_truth_only = reid_ground_truth_only

    @abstractmethod
    def losses(
        self,
        network: SPNetwork,
        features: Features,
        truth: GroundTruth,
        truth_embeddings: Tensor,
    ) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor]:
        """Detection losses, and the boxes for the re-id loss.

        Args:
            network: whose parts are trained.
            features: of the batch.
            truth: boxes of the batch.
            truth_embeddings: ``(G, R)`` re-id embeddings of these boxes.

        Returns:
            Named losses; predicted boxes ``(K, 4)`` xyxy, their image ``(K,)`` and
            the position ``(K,)`` of their person in the ground truth.
        """

    def reid_boxes(
        self, boxes: Tensor, good: Tensor, regions: Regions
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What of the last stage's predictions the re-id loss sees.

        Args:
            boxes: ``(S, 4)`` predicted boxes of the regions.
            good: ``(K,)`` positions of those that are close to their person.
            regions: of the last stage.

        Returns:
            Boxes ``(K, 4)``, their image ``(K,)`` and their person's position ``(K,)``
            in the ground truth; ``K = 0`` with ``reid_ground_truth_only``.
        """
        if self.reid_ground_truth_only:
            good = good[:0]
        return boxes[good], regions.image_index[good], regions.targets[good]

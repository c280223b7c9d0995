"""What SPNet's two training pathways have in common."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from torch import Tensor

from ..structures import Features, GroundTruth

if TYPE_CHECKING:
    from .spnet import SPNet


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
    """

    def __init__(
        self,
        match_iou: float = 0.5,
        ignore_iou: float = 0.4,
        match_low_quality: bool = True,
        classify_first_stage: bool = False,
        average_logit_losses: str = "matches",
        reid_iou: float = 0.7,
    ) -> None:
        self.match_iou = match_iou
        self.ignore_iou = ignore_iou
        self.match_low_quality = match_low_quality
        self.classify_first_stage = classify_first_stage
        self.average_logit_losses = average_logit_losses
        self.reid_iou = reid_iou

    @abstractmethod
    def losses(
        self,
        model: "SPNet",
        features: Features,
        truth: GroundTruth,
        truth_embeddings: Tensor,
    ) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor]:
        """Detection losses, and the boxes for the re-id loss.

        Args:
            model: whose parts are trained.
            features: of the batch.
            truth: boxes of the batch.
            truth_embeddings: ``(G, R)`` re-id embeddings of these boxes.

        Returns:
            Named losses; predicted boxes ``(K, 4)`` xyxy, their image ``(K,)`` and
            the position ``(K,)`` of their person in the ground truth.
        """

"""Training of the re-id loss alone (paper, Table 6, "Re-id Only")."""

from torch import Tensor

from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.structures import Features
from mmpsearch.models.person_search.spnet.train_pathway import TrainPathway
from mmpsearch.models.person_search.structures import GroundTruth
from mmpsearch.registry import MODELS


@MODELS.register_module()
class ReIDOnlyTraining(TrainPathway):
    """Neither detects nor searches: the re-id loss of the ground-truth boxes.

    Backbone, pyramid and Box Embedder are trained; anchors, SP blocks and the pyramid
    levels that only anchors read stay as they were initialised.
    """

    query_centric = None
    trains_detection = False

    def __init__(self) -> None:
        super().__init__(reid_ground_truth_only=True)

    def losses(
        self,
        network: SPNetwork,
        features: Features,
        truth: GroundTruth,
        truth_embeddings: Tensor,
    ) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor]:
        """See :meth:`TrainPathway.losses`: no losses, and no predicted boxes."""
        nothing = truth.image_index[:0]
        return {}, truth.boxes[:0], nothing, nothing

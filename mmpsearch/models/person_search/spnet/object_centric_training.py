"""SPNet's object-centric training (paper, sections 3.1 to 3.3)."""

import torch
from torch import Tensor
from torch.linalg import vector_norm

from mmpsearch.models.layers.matching import IGNORED
from mmpsearch.models.person_search.region_sampling import match_image, sample_image
from mmpsearch.models.person_search.spnet.cascade import next_regions
from mmpsearch.models.person_search.spnet.detection_losses import focal_match_loss
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.region_losses import (
    box_loss,
    class_loss,
    first_boxes,
    reid_candidates,
)
from mmpsearch.models.person_search.spnet.structures import Features, Regions
from mmpsearch.models.person_search.spnet.train_pathway import TrainPathway
from mmpsearch.models.person_search.structures import GroundTruth
from mmpsearch.registry import MODELS


@MODELS.register_module()
class ObjectCentricTraining(TrainPathway):
    """Detect every person: offsets come from the bridge layer.

    Args:
        samples_per_image: anchors per image for box regression and re-id (128 for
            fine-tuning, 256 for pre-training). The anchor loss always takes all.
        positive_fraction: largest share of matched anchors among them.
        **kwargs: of :class:`TrainPathway`.
    """

    query_centric = False

    def __init__(
        self,
        samples_per_image: int = 128,
        positive_fraction: float = 0.5,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.samples_per_image = samples_per_image
        self.positive_fraction = positive_fraction

    def losses(
        self,
        network: SPNetwork,
        features: Features,
        truth: GroundTruth,
        truth_embeddings: Tensor,
    ) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor]:
        """See :meth:`TrainPathway.losses`; ``truth_embeddings`` is not used."""
        average = self.average_logit_losses
        offsets, anchors = network.anchor_embedder(
            features.pyramid, features.batch_shape, network.sp_blocks[0].bridge.affine()
        )  # (B, A, D)
        norms = vector_norm(offsets.float(), dim=-1)
        matched = self._match(anchors, truth)  # (B, A)
        kept = (matched != IGNORED).nonzero(as_tuple=True)
        losses = {
            "loss_anchor": focal_match_loss(
                network.anchor_logits(norms)[kept], matched[kept] >= 0, average
            )
        }
        regions = self._sample(network, anchors, offsets, norms, matched, truth)
        losses["loss_box_1"] = box_loss(regions, truth)
        if self.classify_first_stage:
            losses["loss_class_1"] = class_loss(regions, average)
        for step in range(1, network.cascade_steps + 1):
            regions = next_regions(
                network,
                step,
                features,
                truth,
                regions,
                self.samples_per_image,
                self.positive_fraction,
            )
            losses[f"loss_box_{step + 1}"] = box_loss(regions, truth)
            losses[f"loss_class_{step + 1}"] = class_loss(regions, average)
        boxes, good = reid_candidates(regions, truth, self.reid_iou)
        return losses, *self.reid_boxes(boxes, good, regions)

    def _match(self, anchors: Tensor, truth: GroundTruth) -> Tensor:
        """``(B, A)`` position in the batch's ground truth, -1 or -2."""
        return torch.stack(
            [
                match_image(
                    anchors,
                    truth,
                    image,
                    self.match_iou,
                    self.ignore_iou,
                    self.match_low_quality,
                )
                for image in range(truth.num_images)
            ]
        )

    def _sample(
        self,
        network: SPNetwork,
        anchors: Tensor,
        offsets: Tensor,
        norms: Tensor,
        matched: Tensor,
        truth: GroundTruth,
    ) -> Regions:
        chosen = [
            sample_image(
                row, truth, image, self.samples_per_image, self.positive_fraction
            )
            for image, row in enumerate(matched)
        ]
        counts = torch.tensor([len(c) for c in chosen], device=anchors.device)
        image_index = torch.arange(len(chosen), device=anchors.device)
        image_index = image_index.repeat_interleave(counts)
        anchor_index = torch.cat(chosen)
        matched = matched[image_index, anchor_index]
        offsets = offsets[image_index, anchor_index]
        return Regions(
            boxes=anchors[anchor_index],
            image_index=image_index,
            matched=matched,
            targets=torch.where(matched >= 0, matched, first_boxes(truth)[image_index]),
            offsets=offsets,
            logits=network.sp_blocks[0].logits(norms[image_index, anchor_index]),
            deltas=network.sp_blocks[0].regression(offsets),
        )

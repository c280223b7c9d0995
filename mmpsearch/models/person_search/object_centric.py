"""SPNet's object-centric training (paper, sections 3.1 to 3.3)."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torchvision.ops import box_iou

from mmpsearch.registry import MODELS

from ..layers.matching import IGNORED, match_boxes
from ..layers.sampling import sample_balanced
from ..losses.detection_losses import focal_match_loss
from ..structures import Features, GroundTruth, Regions
from .cascade import next_regions
from .region_losses import box_loss, class_loss, first_boxes, reid_candidates

if TYPE_CHECKING:
    from .spnet import SPNet


@MODELS.register_module()
class ObjectCentricTraining:
    """Detect every person: offsets come from the bridge layer.

    Args:
        samples_per_image: anchors per image for box regression and re-id (128 for
            fine-tuning, 256 for pre-training). The anchor loss always takes all.
        positive_fraction: largest share of matched anchors among them.
        match_iou: smallest IoU of an anchor with its person.
        ignore_iou: anchors from here up to ``match_iou`` are left out. The paper
            (section 3.2) has no such band: ``ignore_iou=0.5``.
        match_low_quality: also match every person's best anchors (not in the paper).
        classify_first_stage: add L_cls of the first stage, which the paper's sum
            contains and the public code leaves out.
        reid_iou: predicted boxes with this IoU take part in the re-id loss.
    """

    query_centric = False

    def __init__(
        self,
        samples_per_image: int = 128,
        positive_fraction: float = 0.5,
        match_iou: float = 0.5,
        ignore_iou: float = 0.4,
        match_low_quality: bool = True,
        classify_first_stage: bool = False,
        reid_iou: float = 0.7,
    ) -> None:
        self.samples_per_image = samples_per_image
        self.positive_fraction = positive_fraction
        self.match_iou = match_iou
        self.ignore_iou = ignore_iou
        self.match_low_quality = match_low_quality
        self.classify_first_stage = classify_first_stage
        self.reid_iou = reid_iou

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
            truth_embeddings: not used in this pathway.

        Returns:
            Named losses; predicted boxes ``(K, 4)`` xyxy, their image ``(K,)`` and
            the position ``(K,)`` of their person in the ground truth.
        """
        embeddings, anchors = model.anchor_embedder(
            features.pyramid, features.batch_shape
        )
        offsets = model.sp_blocks[0].object_offsets(embeddings)  # (B, A, D)
        norms = vector_norm(offsets.float(), dim=-1)
        matched = self._match(anchors, truth)  # (B, A)
        kept = matched != IGNORED
        losses = {
            "loss_anchor": focal_match_loss(
                model.anchor_logits(norms)[kept], matched[kept] >= 0
            )
        }
        regions = self._sample(model, anchors, offsets, norms, matched, truth)
        losses["loss_box_1"] = box_loss(regions, truth)
        if self.classify_first_stage:
            losses["loss_class_1"] = class_loss(regions)
        for step in range(1, model.cascade_steps + 1):
            regions = next_regions(
                model,
                step,
                features,
                truth,
                regions,
                self.samples_per_image,
                self.positive_fraction,
            )
            losses[f"loss_box_{step + 1}"] = box_loss(regions, truth)
            losses[f"loss_class_{step + 1}"] = class_loss(regions)
        boxes, good = reid_candidates(regions, truth, self.reid_iou)
        return losses, boxes[good], regions.image_index[good], regions.targets[good]

    def _match(self, anchors: Tensor, truth: GroundTruth) -> Tensor:
        """``(B, A)`` position in the batch's ground truth, -1 or -2."""
        rows = []
        for image in range(truth.num_images):
            own = truth.of_image(image)
            matched = match_boxes(
                box_iou(truth.boxes[own], anchors),
                self.match_iou,
                self.ignore_iou,
                self.match_low_quality,
            )
            if len(own):
                matched = torch.where(matched >= 0, own[matched.clamp(min=0)], matched)
            rows.append(matched)
        return torch.stack(rows)

    def _sample(
        self,
        model: "SPNet",
        anchors: Tensor,
        offsets: Tensor,
        norms: Tensor,
        matched: Tensor,
        truth: GroundTruth,
    ) -> Regions:
        chosen = [
            sample_balanced(row, self.samples_per_image, self.positive_fraction)
            for row in matched
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
            logits=model.sp_blocks[0].logits(norms[image_index, anchor_index]),
            deltas=model.sp_blocks[0].regression(offsets),
        )

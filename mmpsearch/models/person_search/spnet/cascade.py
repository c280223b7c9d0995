"""SPNet's cascade loop: boxes are embedded and refined again (paper, figure 3)."""

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torchvision.ops import box_iou

from mmpsearch.models.layers.matching import match_boxes
from mmpsearch.models.layers.sampling import sample_balanced
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.region_losses import (
    first_boxes,
    predicted_boxes,
)
from mmpsearch.models.person_search.spnet.structures import Features, Regions
from mmpsearch.models.person_search.structures import GroundTruth


def next_regions(
    network: SPNetwork,
    step: int,
    features: Features,
    truth: GroundTruth,
    regions: Regions,
    samples_per_image: int,
    positive_fraction: float,
) -> Regions:
    """Training regions of cascade step ``step``: predictions plus ground truth.

    No gradient flows through the boxes' coordinates.

    Args:
        network: whose blocks and embedders are used.
        step: 1 .. T.
        features: of the batch.
        truth: boxes of the batch.
        regions: of the step before.
        samples_per_image: regions sampled per image.
        positive_fraction: largest share of matched ones.

    Returns:
        The sampled regions, embedded and regressed by block ``step``.
    """
    boxes = predicted_boxes(regions, truth.image_sizes)
    chosen = []
    for image in range(truth.num_images):
        own = truth.of_image(image)
        pool = torch.cat([boxes[regions.image_index == image], truth.boxes[own]])
        matched = match_boxes(box_iou(truth.boxes[own], pool), high=0.5, low=0.5)
        index = sample_balanced(
            matched, samples_per_image, positive_fraction, truth.generator_of(image)
        )
        chosen.append((pool[index], _to_batch(matched[index], own)))
    counts = torch.tensor([len(c[0]) for c in chosen], device=boxes.device)
    image_index = torch.arange(len(chosen), device=boxes.device).repeat_interleave(
        counts
    )
    boxes, matched = (torch.cat(parts) for parts in zip(*chosen, strict=True))
    embeddings = network.detection_embeddings(features, boxes, image_index, step)
    block = network.sp_blocks[step]
    offsets = block.object_offsets(embeddings)
    return Regions(
        boxes=boxes,
        image_index=image_index,
        matched=matched,
        targets=torch.where(matched >= 0, matched, first_boxes(truth)[image_index]),
        offsets=offsets,
        logits=block.logits(vector_norm(offsets.float(), dim=-1)),
        deltas=block.regression(offsets),
    )


def _to_batch(matched: Tensor, own: Tensor) -> Tensor:
    """From positions within an image to positions in the batch's ground truth."""
    if not len(own):
        return matched
    return torch.where(matched >= 0, own[matched.clamp(min=0)], matched)

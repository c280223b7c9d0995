"""SPNet's cascade loop: boxes are embedded and refined again (paper, figure 3)."""

import torch
from torch.linalg import vector_norm

from mmpsearch.models.person_search.region_sampling import (
    BoxBatch,
    SampleSettings,
    sample_regions,
)
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
    predicted = BoxBatch(
        predicted_boxes(regions, truth.image_sizes), regions.image_index
    )
    settings = SampleSettings(samples_per_image, positive_fraction)
    boxes, image_index, matched = sample_regions(predicted, truth, settings)
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

"""What a person-search model finds, written into its samples."""

from collections.abc import Sequence

import torch
from mmengine.structures import InstanceData
from torch import Tensor

from mmpsearch.models.person_search.structures import FoundBoxes
from mmpsearch.structures import PersonSearchSample


def scale_of(sample: PersonSearchSample) -> Tensor:
    """``(4,)`` float64: pixels of the network input per pixel of the original image."""
    scale = sample.get("scale_factor", (1.0, 1.0))
    return torch.tensor(scale, dtype=torch.float64).repeat(2)


def write_found(found: FoundBoxes, data_samples: Sequence[PersonSearchSample]) -> None:
    """Set every sample's ``pred_instances``.

    Args:
        found: of the batch, boxes in pixels of the network input.
        data_samples: one per image; they get ``bboxes`` in pixels of the original
            image, ``scores``, ``labels`` (0) and ``embeddings``.
    """
    for index, sample in enumerate(data_samples):
        own = found.image_index == index
        sample.pred_instances = InstanceData(
            bboxes=found.boxes[own] / scale_of(sample).to(found.boxes),
            scores=found.scores[own],
            labels=torch.zeros_like(found.image_index[own]),
            embeddings=found.embeddings[own].float(),
        )


def people_to_embed(
    sample: PersonSearchSample, ground_truth: bool
) -> list[InstanceData]:
    """The people whose boxes are given: queries, and labelled ones if asked for.

    Args:
        sample: with ``query_instances``, ``gt_instances``, both or neither.
        ground_truth: also the labelled people (GT mAP).

    Returns:
        The instances, ``bboxes`` in pixels of the network input.
    """
    names = ["query_instances", "gt_instances"][: 2 if ground_truth else 1]
    return [sample.get(name) for name in names if name in sample]

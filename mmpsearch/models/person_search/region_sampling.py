"""Training regions: candidates are matched with the ground truth and sampled.

Everything happens image by image; matches are positions in the batch's ground truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.ops import box_iou

from mmpsearch.models.layers.matching import match_boxes
from mmpsearch.models.layers.sampling import sample_balanced
from mmpsearch.models.person_search.structures import GroundTruth


class BoxBatch(NamedTuple):
    """Boxes of a batch, images concatenated.

    Attributes:
        boxes: ``(N, 4)`` xyxy in pixels of the network input.
        image_index: ``(N,)`` int64, ascending.
    """

    boxes: Tensor
    image_index: Tensor

    @classmethod
    def from_images(cls, boxes: Sequence[Tensor]) -> "BoxBatch":
        """Join the boxes ``(n, 4)`` of every image."""
        index = [torch.full_like(b[:, 0], i).long() for i, b in enumerate(boxes)]
        return cls(torch.cat(list(boxes)), torch.cat(index))


class SampledRegions(NamedTuple):
    """Training regions of a batch.

    Attributes:
        boxes: ``(N, 4)`` xyxy.
        image_index: ``(N,)`` int64, ascending.
        matched: ``(N,)`` int64 position in the ground truth, -1 background.
    """

    boxes: Tensor
    image_index: Tensor
    matched: Tensor

    @property
    def positive(self) -> Tensor:
        """``(N,)`` bool."""
        return self.matched >= 0

    @property
    def places(self) -> Tensor:
        """``(M,)`` positions of the matched ones: one wait for the device."""
        return self.positive.nonzero().flatten()


@dataclass(frozen=True)
class SampleSettings:
    """How training regions are chosen among proposals and ground truth.

    Attributes:
        samples_per_image: regions per image.
        positive_fraction: largest share of matched ones.
        positive_iou: smallest IoU of a match.
        negative_iou: background is below; what lies between is left out.
    """

    samples_per_image: int = 128
    positive_fraction: float = 0.5
    positive_iou: float = 0.5
    negative_iou: float = 0.5


def match_image(
    candidates: Tensor,
    truth: GroundTruth,
    image: int,
    positive_iou: float,
    negative_iou: float,
    allow_low_quality: bool = False,
) -> Tensor:
    """Match the candidates of one image, see :func:`match_boxes`.

    Args:
        candidates: ``(N, 4)`` xyxy.
        truth: boxes of the batch.
        image: which one.
        positive_iou: smallest IoU of a match.
        negative_iou: background is below; what lies between is ignored.
        allow_low_quality: also match every person's best candidates.

    Returns:
        ``(N,)`` int64 positions in the batch's ground truth, -1 background, -2 ignored.
    """
    own = truth.of_image(image)
    boxes = truth.boxes[own].to(candidates.dtype)
    matched = match_boxes(
        box_iou(boxes, candidates), positive_iou, negative_iou, allow_low_quality
    )
    if not len(own):
        return matched
    return torch.where(matched >= 0, own[matched.clamp(min=0)], matched)


def sample_image(
    matched: Tensor,
    truth: GroundTruth,
    image: int,
    number: int,
    positive_fraction: float,
) -> Tensor:
    """Sample one image's candidates by its own generator, where it has one.

    Args:
        matched: ``(N,)`` int64 of :func:`match_image`.
        truth: of the batch.
        image: which one.
        number: candidates wanted.
        positive_fraction: largest share of matched ones.

    Returns:
        Ascending positions ``(S,)`` int64, ``S <= number``.
    """
    generator = truth.generator_of(image)
    return sample_balanced(matched, number, positive_fraction, generator)


def sample_regions(
    candidates: BoxBatch, truth: GroundTruth, settings: SampleSettings
) -> SampledRegions:
    """Training regions: candidates and the ground truth, matched and sampled.

    Args:
        candidates: proposals or predictions; no gradient flows through them.
        truth: boxes of the batch. Its generators make the choice, where it has them.
        settings: of the sampling.

    Returns:
        At most ``samples_per_image`` regions of every image.
    """
    boxes, matches = [], []
    counts = candidates.image_index.bincount(minlength=truth.num_images).tolist()
    for image, given in enumerate(candidates.boxes.detach().split(counts)):
        own = truth.boxes[truth.of_image(image)].to(given.dtype)
        pool = torch.cat([given, own])
        matched = match_image(
            pool, truth, image, settings.positive_iou, settings.negative_iou
        )
        index = sample_image(
            matched,
            truth,
            image,
            settings.samples_per_image,
            settings.positive_fraction,
        )
        boxes.append(pool[index])
        matches.append(matched[index])
    return SampledRegions(*BoxBatch.from_images(boxes), torch.cat(matches))

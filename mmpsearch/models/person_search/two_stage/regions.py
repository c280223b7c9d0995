"""Regions of a two-stage detector: sampled, encoded, decoded, selected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.ops import box_iou, nms

from mmpsearch.models.layers.boxes import clip_to_images, decode_boxes
from mmpsearch.models.layers.matching import match_boxes
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.layers.sampling import sample_balanced
from mmpsearch.models.person_search.structures import GroundTruth

# deltas of Fast R-CNN are learnt ten (position) and five (size) times as large
DELTA_WEIGHTS = (10.0, 10.0, 5.0, 5.0)
SMALLEST_SIDE = 0.01


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


class FinalBoxes(NamedTuple):
    """What is left of candidate boxes after inference.

    Attributes:
        boxes: ``(K, 4)`` xyxy in pixels of the network input.
        scores: ``(K,)``.
        image_index: ``(K,)`` int64, ascending; within an image by descending score.
        source: ``(K,)`` int64 position of the candidate.
    """

    boxes: Tensor
    scores: Tensor
    image_index: Tensor
    source: Tensor


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


@dataclass(frozen=True)
class SelectSettings:
    """Limits of inference.

    Attributes:
        score_threshold: a box needs a larger score.
        nms_iou: boxes that overlap more are suppressed.
        max_boxes: boxes per image.
    """

    score_threshold: float = 0.5
    nms_iou: float = 0.4
    max_boxes: int = 300


def sample_regions(
    candidates: BoxBatch, truth: GroundTruth, settings: SampleSettings
) -> SampledRegions:
    """Training regions: candidates and the ground truth, matched and sampled.

    Args:
        candidates: proposals, without gradient.
        truth: boxes of the batch. Its generators make the choice, where it has them.
        settings: of the sampling.

    Returns:
        At most ``samples_per_image`` regions of every image.
    """
    boxes, matches = [], []
    for image in range(truth.num_images):
        own = truth.of_image(image)
        given = candidates.boxes[candidates.image_index == image].detach()
        pool = torch.cat([given, truth.boxes[own].to(given.dtype)])
        matched = match_boxes(
            box_iou(truth.boxes[own].to(given.dtype), pool),
            settings.positive_iou,
            settings.negative_iou,
        )
        index = sample_balanced(
            matched,
            settings.samples_per_image,
            settings.positive_fraction,
            truth.generator_of(image),
        )
        matched = matched[index]
        if len(own):
            matched = torch.where(matched >= 0, own[matched.clamp(min=0)], matched)
        boxes.append(pool[index])
        matches.append(matched)
    return SampledRegions(*BoxBatch.from_images(boxes), torch.cat(matches))


def encode_boxes(targets: Tensor, boxes: Tensor) -> Tensor:
    """Deltas that move boxes to targets.

    Args:
        targets: ``(N, 4)`` xyxy.
        boxes: ``(N, 4)`` xyxy, of positive area.

    Returns:
        ``(N, 4)`` weighted by ``DELTA_WEIGHTS``.
    """
    sides, wanted = (b[:, 2:] - b[:, :2] for b in (boxes, targets))
    move = (targets[:, :2] + 0.5 * wanted - boxes[:, :2] - 0.5 * sides) / sides
    deltas = torch.cat([move, (wanted / sides).log()], dim=1)
    return deltas * deltas.new_tensor(DELTA_WEIGHTS)


def move_regions(
    deltas: Tensor, regions: BoxBatch | SampledRegions, image_sizes: Tensor
) -> Tensor:
    """Boxes after regression, cut at the image's border.

    Args:
        deltas: ``(N, 4)`` weighted by ``DELTA_WEIGHTS``.
        regions: the N boxes.
        image_sizes: ``(B, 2)`` height, width before padding.

    Returns:
        ``(N, 4)`` xyxy, at least float32.
    """
    boxes, deltas = at_least_float32(regions.boxes), at_least_float32(deltas)
    moved = decode_boxes(deltas / deltas.new_tensor(DELTA_WEIGHTS), boxes)
    return clip_to_images(moved, regions.image_index, image_sizes)


def select_boxes(
    boxes: Tensor,
    scores: Tensor,
    image_index: Tensor,
    num_images: int,
    settings: SelectSettings,
) -> FinalBoxes:
    """Confident boxes after non-maximum suppression, the best of every image.

    Args:
        boxes: ``(N, 4)`` xyxy.
        scores: ``(N,)``.
        image_index: ``(N,)`` int64.
        num_images: images of the batch.
        settings: limits.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    usable = (scores > settings.score_threshold) & (sides >= SMALLEST_SIDE).all(dim=1)
    kept = []
    for image in range(num_images):
        own = (usable & (image_index == image)).nonzero().flatten()
        best = nms(boxes[own].float(), scores[own].float(), settings.nms_iou)
        kept.append(own[best[: settings.max_boxes]])
    source = torch.cat(kept)
    return FinalBoxes(boxes[source], scores[source], image_index[source], source)

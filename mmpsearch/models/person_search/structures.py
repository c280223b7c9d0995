"""What person-search models learn from and find: tensors with names."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from mmengine.dist import get_dist_info
from torch import Tensor


class GroundTruth(NamedTuple):
    """The labelled boxes of a batch, images concatenated.

    Attributes:
        boxes: ``(G, 4)`` xyxy in pixels of the network input.
        image_index: ``(G,)`` int64, ascending.
        person_ids: ``(G,)`` int64, -1 for a person without identity label.
        unique_ids: ``(G,)`` int64, equal exactly for boxes of one person.
        image_sizes: ``(B, 2)`` int64 height, width before padding.
        generators: one per image, seeded by the sample, for random choices that do not
            depend on which rank the image is on; empty where samples have no seed.
        counts: boxes of each image, where they are known without asking the device.
    """

    boxes: Tensor
    image_index: Tensor
    person_ids: Tensor
    unique_ids: Tensor
    image_sizes: Tensor
    generators: tuple[torch.Generator, ...] = ()
    counts: tuple[int, ...] = ()

    @classmethod
    def from_samples(cls, samples: Sequence, device: torch.device) -> "GroundTruth":
        """Collect the ``gt_instances`` of the batch's data samples."""
        instances = [sample.gt_instances for sample in samples]
        counts = [len(i.bboxes) for i in instances]
        return cls(
            boxes=torch.cat([i.bboxes for i in instances]).to(device),
            image_index=torch.repeat_interleave(
                torch.arange(len(samples)), torch.tensor(counts)
            ).to(device),
            person_ids=torch.cat([i.person_ids for i in instances]).to(device),
            unique_ids=torch.cat([i.unique_ids for i in instances]).to(device),
            image_sizes=torch.tensor(
                [sample.img_shape[:2] for sample in samples], device=device
            ),
            generators=tuple(
                torch.Generator().manual_seed(sample.sample_seed)
                for sample in samples
                if "sample_seed" in sample
            ),
            counts=tuple(counts),
        )

    @property
    def num_images(self) -> int:
        return len(self.image_sizes)

    def generator_of(self, image: int) -> torch.Generator | None:
        """The image's generator, None where samples have no seed."""
        return self.generators[image] if self.generators else None

    def of_image(self, index: int) -> Tensor:
        """Positions ``(g,)`` of one image's boxes."""
        if not self.counts:
            return (self.image_index == index).nonzero().flatten()
        first = sum(self.counts[:index])
        return torch.arange(
            first, first + self.counts[index], device=self.image_index.device
        )


def batch_places(image_index: Tensor, group: int = 0) -> Tensor:
    """Where rows of this rank belong among those of all ranks.

    Samplers deal out images in turn: the ranks' first images are the first ones of the
    batch that a single process would see. What depends on the order of a batch, such as
    OIM's table, is in the single process's order when rows are sorted by this number.

    Args:
        image_index: ``(N,)`` int64 in the rank's batch.
        group: rows of a higher group follow all those of a lower one.

    Returns:
        ``(N,)`` int64; rows of one image have the same.
    """
    rank, world_size = get_dist_info()
    return image_index * world_size + rank + (group << 32)


class FoundBoxes(NamedTuple):
    """What a model finds in a batch, images concatenated.

    Attributes:
        boxes: ``(N, 4)`` xyxy in pixels of the network input.
        scores: ``(N,)`` in [0, 1].
        image_index: ``(N,)`` int64, ascending.
        embeddings: ``(N, D)``, not normalised.
    """

    boxes: Tensor
    scores: Tensor
    image_index: Tensor
    embeddings: Tensor

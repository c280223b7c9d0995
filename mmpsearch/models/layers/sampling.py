"""Random choice of training anchors."""

import torch
from torch import Tensor

from mmpsearch.models.layers.matching import BACKGROUND


def random_subset(
    indices: Tensor, number: int, generator: torch.Generator | None = None
) -> Tensor:
    """At most ``number`` of the given indices, uniformly without replacement.

    Args:
        indices: ``(N,)`` int64.
        number: how many to keep.
        generator: on the CPU; without one the device's global generator is used.

    Returns:
        ``(min(N, number),)`` int64 in random order when something was dropped.
    """
    if len(indices) <= number:
        return indices
    device = indices.device if generator is None else "cpu"
    order = torch.randperm(len(indices), generator=generator, device=device)
    return indices[order[:number].to(indices.device)]


def sample_balanced(
    matched: Tensor,
    number: int,
    positive_fraction: float,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Sample matched and background candidates of one image.

    At most ``number * positive_fraction`` matched ones, then background up to
    ``number`` in total. Ignored candidates are never taken.

    Args:
        matched: ``(N,)`` int64 of :func:`match_boxes`.
        number: how many candidates are wanted.
        positive_fraction: largest share of matched ones.
        generator: the image's own, see :class:`GroundTruth`.

    Returns:
        ``(S,)`` int64 ascending indices, ``S <= number``.
    """
    positives = random_subset(
        (matched >= 0).nonzero().flatten(), int(number * positive_fraction), generator
    )
    negatives = random_subset(
        (matched == BACKGROUND).nonzero().flatten(), number - len(positives), generator
    )
    return torch.cat([positives, negatives]).sort().values

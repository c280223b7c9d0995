"""What losses over pairs of a batch have in common: distances, masks, other ranks."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from mmengine.dist import get_rank, get_world_size
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.utils.distributed import (
    gather_with_gradient,
    gather_without_gradient,
)

UNLABELLED = -1


def euclidean_distances(a: Tensor, b: Tensor) -> Tensor:
    """Distances of all pairs, with a gradient that is finite at distance 0.

    The square is bounded below by 1e-12 before the root, as in the public
    implementations: equal rows (an image drawn twice) get no gradient, not NaN.

    Args:
        a: ``(N, D)``.
        b: ``(M, D)``.

    Returns:
        ``(N, M)``, at least float32.
    """
    a, b = at_least_float32(a), at_least_float32(b)
    with full_precision(a):
        squares = a.square().sum(1)[:, None] + b.square().sum(1)[None]
        return (squares - 2 * a @ b.T).clamp(min=1e-12).sqrt()


def cosine_similarities(a: Tensor, b: Tensor) -> Tensor:
    """Cosines of all pairs: ``(N, D), (M, D) -> (N, M)``, at least float32."""
    a, b = at_least_float32(a), at_least_float32(b)
    with full_precision(a):
        return F.normalize(a, dim=1) @ F.normalize(b, dim=1).T


@dataclass(frozen=True)
class Pairs:
    """A rank's labelled samples (anchors) beside those of all ranks.

    Attributes:
        anchors: ``(N, D)`` with gradient.
        others: ``(M, D)`` of all ranks, with gradient to the rank they came from.
        same: ``(N, M)`` bool, same person; the anchor itself is included.
        itself: ``(N, M)`` bool, the anchor's own place in ``others``.
    """

    anchors: Tensor
    others: Tensor
    same: Tensor
    itself: Tensor


def gather_pairs(embeddings: Tensor, person_ids: Tensor) -> Pairs:
    """Pair this rank's samples with those of all ranks.

    A loss that sums over the anchors and divides by
    ``share_per_rank(number of anchors)`` has, averaged over ranks, the value and
    gradient of one process with the whole batch.

    Args:
        embeddings: ``(N, D)``.
        person_ids: ``(N,)`` int64, -1 unlabelled: such samples are left out.

    Returns:
        The pairs of labelled samples.
    """
    labelled = (person_ids != UNLABELLED).nonzero().flatten()
    anchors, ids = at_least_float32(embeddings)[labelled], person_ids[labelled]
    start = 0
    if get_world_size() > 1:
        counts = gather_without_gradient(ids.new_tensor([len(ids)]))
        start = int(counts[: get_rank()].sum())
    others, other_ids = gather_with_gradient(anchors), gather_without_gradient(ids)
    own = torch.arange(start, start + len(ids), device=ids.device)
    return Pairs(
        anchors=anchors,
        others=others,
        same=ids[:, None] == other_ids[None],
        itself=own[:, None] == torch.arange(len(other_ids), device=ids.device)[None],
    )

"""Which scenes show whom: the pairs that a gallery filter learns from."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32, full_precision


class Pairs(NamedTuple):
    """Pairs of anchors (rows) and references (columns).

    Attributes:
        positive: ``(A, R)`` bool.
        negative: ``(A, R)`` bool; a pair may be neither.
    """

    positive: Tensor
    negative: Tensor


def people_of_scenes(
    unique_ids: Tensor, scene_index: Tensor, num_scenes: int
) -> tuple[Tensor, Tensor]:
    """Who is in which scene, and which scenes share somebody.

    Args:
        unique_ids: ``(Q,)`` int64, equal exactly for boxes of one person.
        scene_index: ``(Q,)`` int64, the scene of each box.
        num_scenes: ``I``.

    Returns:
        ``(I, Q)`` bool, whether a scene shows the person of a box, and ``(I, I)``
        bool, whether two scenes show somebody in common.
    """
    same = unique_ids[:, None] == unique_ids[None]
    where = F.one_hot(scene_index, num_scenes).bool()  # (Q, I)
    shows = (where.T.float() @ same.float()) > 0
    return shows, (shows.float() @ where.float()) > 0


def query_scene_pairs(
    shows: Tensor, shared: Tensor, scene_index: Tensor, known: Tensor, filtered: bool
) -> Pairs:
    """Scenes (rows) and query boxes (columns).

    A scene is positive for a query whose person it shows, the query's own scene
    included. A scene without the person is negative, but for one case when
    ``filtered``: a person without identity label may well be in a scene that shares
    somebody with the query's own, which nobody labelled.

    Args:
        shows: ``(I, Q)`` bool, see :func:`people_of_scenes`.
        shared: ``(I, I)`` bool, likewise.
        scene_index: ``(Q,)`` int64, the scene of each query.
        known: ``(Q,)`` bool, whether the query's person has an identity label.
        filtered: leave those pairs out.
    """
    negative = ~shows
    if filtered:
        negative = negative & (~shared[:, scene_index] | known)
    return Pairs(shows, negative)


def nt_xent(similarities: Tensor, pairs: Pairs, temperature: float) -> Tensor:
    """Normalised temperature-scaled cross entropy, one term per positive pair.

    Every positive pair is compared with the negatives of its own anchor:
    -log(e^(s/T) / (e^(s/T) + sum over negatives)). An anchor without negatives adds 0.

    Args:
        similarities: ``(A, R)`` cosines.
        pairs: which of them are positive and negative.
        temperature: ``T``.

    Returns:
        Scalar, at least float32, the mean over all positive pairs; 0 (with gradient)
        without a positive or without a negative pair.
    """
    logits = at_least_float32(similarities) / temperature
    positive, negative = pairs
    if not len(logits) or not (positive.any() and negative.any()):
        return logits.sum() * 0
    against = logits.masked_fill(~negative, float("-inf"))
    # log(e^p + sum e^n) - p, per positive pair; never from an overflowing sum
    terms = torch.logaddexp(logits, against.logsumexp(dim=1, keepdim=True)) - logits
    return terms[positive].mean()


def cosines(first: Tensor, second: Tensor) -> Tensor:
    """``(A, D)`` and ``(R, D)`` of any length to ``(A, R)``, at least float32."""
    first, second = (F.normalize(at_least_float32(x), dim=1) for x in (first, second))
    with full_precision(first):
        return first @ second.T

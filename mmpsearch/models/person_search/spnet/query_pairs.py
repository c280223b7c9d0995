"""Tensor arithmetic of query-centric training: pairs, labels, anchor choice."""

import torch
from torch import Tensor

from mmpsearch.models.layers.matching import BACKGROUND, IGNORED
from mmpsearch.models.layers.sampling import random_subset


def distinct_in_image(image_index: Tensor, unique_ids: Tensor) -> Tensor:
    """Boxes whose person is boxed only once in the image.

    Args:
        image_index: ``(G,)`` int64.
        unique_ids: ``(G,)`` int64.

    Returns:
        ``(G,)`` bool.
    """
    keys = torch.stack([image_index, unique_ids], dim=1)
    _, inverse, counts = keys.unique(dim=0, return_inverse=True, return_counts=True)
    return counts[inverse] == 1


def find_persons(
    image_index: Tensor, unique_ids: Tensor, usable: Tensor, num_images: int
) -> Tensor:
    """Where each query's person is in each image.

    Args:
        image_index: ``(G,)`` int64 of all boxes, each of which is a query.
        unique_ids: ``(G,)`` int64.
        usable: ``(G,)`` bool, boxes that may be targets.
        num_images: ``B``.

    Returns:
        ``(B, G)`` int64 position of the person's box, -1 where it is absent.
    """
    same = unique_ids[:, None] == unique_ids[None]  # (query, box)
    same = same & usable[None]
    found = same.new_full((num_images, len(unique_ids)), -1, dtype=torch.int64)
    query, box = same.nonzero(as_tuple=True)
    found[image_index[box], query] = box
    return found


def select_pairs(present: Tensor, own: Tensor, number: int) -> Tensor:
    """Choose query-image pairs for query-centric training (paper, section 3.2).

    In order of preference: images that show the query's person in another view, the
    query's own image, images without the person. A group that does not fit into what
    is left is sub-sampled uniformly.

    Args:
        present: ``(B, Q)`` bool, image b shows the person of query q.
        own: ``(B, Q)`` bool, query q was cut out of image b.
        number: pairs wanted for the whole batch.

    Returns:
        ``(P, 2)`` int64 (image, query), row-major, ``P <= number``.
    """
    chosen = torch.zeros_like(present)
    left = number
    for group in (present & ~own, own, ~present):
        candidates = group.flatten().nonzero().flatten()
        picked = random_subset(candidates, left)
        chosen.view(-1)[picked] = True
        left -= len(picked)
    return chosen.nonzero()


def match_single_box(
    iou: Tensor, high: float, low: float, allow_low_quality: bool
) -> Tensor:
    """Label the anchors of every pair against the pair's one box.

    Args:
        iou: ``(P, A)`` of each pair's box and all anchors.
        high: smallest IoU of a match.
        low: smallest IoU of an ignored anchor.
        allow_low_quality: match the anchors with the row's largest IoU in any case.

    Returns:
        ``(P, A)`` int64: 0 for a match, -1 background, -2 ignored.
    """
    matched = torch.full_like(iou, IGNORED, dtype=torch.int64)
    matched[iou >= high] = 0
    matched[iou < low] = BACKGROUND
    if allow_low_quality and iou.numel():
        matched[iou == iou.amax(dim=1, keepdim=True)] = 0
    return matched


def nearest_anchors(norms: Tensor, number: int) -> Tensor:
    """Anchors with the smallest norms.

    Args:
        norms: ``(P, A)``.
        number: anchors per pair.

    Returns:
        ``(P, number)`` int64, ascending norm.
    """
    return norms.topk(number, dim=1, largest=False).indices


def overlapping_then_nearest(giou: Tensor, norms: Tensor, number: int) -> Tensor:
    """Anchors to learn from where the query's person is present.

    Half of them overlap the person best, the others are the nearest in embedding
    space, so that confident mistakes are corrected.

    Args:
        giou: ``(P, A)`` of the person's box and all anchors.
        norms: ``(P, A)`` of the offsets.
        number: anchors per pair.

    Returns:
        ``(P, number)`` int64: first by descending GIoU, then, among the ``number``
        nearest which the first half does not contain, by ascending anchor index.
    """
    half = number // 2
    # Anchors of equal GIoU are common on a regular grid, and which of them topk returns
    # depends on how many it is asked for: ask as the public code does.
    overlapping = giou.topk(number, dim=1).indices[:, :half]
    nearest = nearest_anchors(norms, number).sort(dim=1).values
    taken = torch.zeros_like(norms, dtype=torch.bool).scatter_(1, overlapping, True)
    free = ~taken.gather(1, nearest)
    free &= free.cumsum(dim=1) <= number - half
    return torch.cat([overlapping, nearest[free].view(-1, number - half)], dim=1)

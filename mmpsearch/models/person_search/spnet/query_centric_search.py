"""SPNet's query-centric inference: one image is searched for many persons at once."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torchvision.ops import clip_boxes_to_image

from mmpsearch.models.layers.boxes import decode_boxes
from mmpsearch.models.layers.precision import at_least_float32, full_precision
from mmpsearch.models.person_search.spnet.grouped_nms import grouped_nms
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.structures import Features


class PairBoxes(NamedTuple):
    """Boxes found in one image, queries concatenated.

    Attributes:
        boxes: ``(N, 4)`` xyxy in pixels of the network input.
        scores: ``(N,)`` in [0, 1], that the box is this query's person.
        query_index: ``(N,)`` int64, ascending.
        embeddings: ``(N, R)``, not normalised.
    """

    boxes: Tensor
    scores: Tensor
    query_index: Tensor
    embeddings: Tensor | None

    def of(self, query: int) -> "PairBoxes":
        """What was found for one query."""
        own = self.query_index == query
        return PairBoxes(*(values[own] for values in self))


def search_queries(
    network: SPNetwork, features: Features, image_size: tuple[int, int], queries: Tensor
) -> PairBoxes:
    """Search one image for every query (query-centric pathway).

    Anchor embeddings and feature maps are those of the image; only the comparison,
    the boxes and their embeddings depend on the query. Memory is bounded by
    ``queries_at_once`` and ``boxes_at_once`` of the model's :class:`SearchSettings`.

    Args:
        network: in eval mode.
        features: of one image.
        image_size: height, width before padding.
        queries: ``(Q, D)`` detection embeddings.

    Returns:
        The boxes; without cascade steps a query's boxes are in the order of their
        anchors' norms (not of the scores after suppression, as the public code
        gives them), with cascade steps by descending score.
    """
    found = _first_stage(network, features, image_size, queries)
    for step in range(1, network.cascade_steps + 1):
        found = _refine(network, step, features, image_size, queries, found)
    embed = network.box_embedder
    return found._replace(embeddings=_embed(network, embed, features, found.boxes))


def _first_stage(
    network: SPNetwork, features: Features, image_size: tuple[int, int], queries: Tensor
) -> PairBoxes:
    settings, block = network.search, network.sp_blocks[0]
    embeddings, anchors = network.anchor_embedder(
        features.pyramid, features.batch_shape
    )
    embeddings = at_least_float32(embeddings[0])
    squares = embeddings.square().sum(dim=1)
    boxes, scores, rows = [], [], []
    first = 0
    for group in queries.split(settings.queries_at_once):
        norms = anchor_norms(group, embeddings, squares)
        number = min(settings.max_anchors_per_query, len(anchors))
        nearest = norms.topk(number, dim=1, largest=block.positive_logits)
        score = block.logits(nearest.values).sigmoid()
        # rows and columns ascend: by query, then by rank of the anchor
        query, rank = (score > settings.score_threshold).nonzero(as_tuple=True)
        score, anchor = score[query, rank], nearest.indices[query, rank]
        offsets = block.query_offsets(group[query], embeddings[anchor])
        box = decode_boxes(block.regression(offsets).float(), anchors[anchor])
        box = clip_boxes_to_image(box, image_size)
        kept = grouped_nms(box, score, query, settings.nms_iou).sort().values
        boxes.append(box[kept])
        scores.append(score[kept])
        rows.append(query[kept] + first)
        first += len(group)
    return PairBoxes(torch.cat(boxes), torch.cat(scores), torch.cat(rows), None)


def anchor_norms(queries: Tensor, embeddings: Tensor, squares: Tensor) -> Tensor:
    """``||q - a||`` of queries with all anchors.

    By the expanded form ``q.q + a.a - 2 q.a``, whose rounding is part of the published
    numbers: it decides between anchors at nearly the same distance.

    Args:
        queries: ``(Q, D)``.
        embeddings: ``(A, D)`` of the anchors, at least float32.
        squares: ``(A,)`` ``a.a``.

    Returns:
        ``(Q, A)``, at least float32.
    """
    with full_precision(embeddings):
        queries = queries.to(embeddings.dtype)
        norms = torch.addmm(squares[None], queries, embeddings.T, alpha=-2)
        norms += queries.square().sum(dim=1, keepdim=True)
        return norms.clamp_(min=0).sqrt_()


def _refine(
    network: SPNetwork,
    step: int,
    features: Features,
    image_size: tuple[int, int],
    queries: Tensor,
    found: PairBoxes,
) -> PairBoxes:
    """One cascade step for every query. No score threshold, as in detection.

    A model that was trained query-centric compares its boxes with the query; for any
    other the bridge guesses the query, since that is what its steps have learnt.
    """
    block, settings = network.sp_blocks[step], network.search

    def embed(features: Features, boxes: Tensor, image_index: Tensor) -> Tensor:
        return network.detection_embeddings(features, boxes, image_index, step)

    embeddings = _embed(network, embed, features, found.boxes)
    if network.query_centric:
        offsets = block.query_offsets(queries[found.query_index], embeddings)
    else:
        offsets = block.object_offsets(embeddings)
    scores = block.logits(vector_norm(offsets.float(), dim=-1)).sigmoid()
    boxes = decode_boxes(block.regression(offsets).float(), found.boxes)
    boxes = clip_boxes_to_image(boxes, image_size)
    kept = grouped_nms(boxes, scores, found.query_index, settings.nms_iou)
    kept = kept[found.query_index[kept].argsort(stable=True)]
    return PairBoxes(boxes[kept], scores[kept], found.query_index[kept], None)


def _embed(network: SPNetwork, embed, features: Features, boxes: Tensor) -> Tensor:
    """``embed`` boxes of the one image, ``boxes_at_once`` at a time."""
    image_index = torch.zeros(len(boxes), dtype=torch.int64, device=boxes.device)
    at_once = network.search.boxes_at_once
    parts = zip(boxes.split(at_once), image_index.split(at_once), strict=True)
    return torch.cat([embed(features, *part) for part in parts])

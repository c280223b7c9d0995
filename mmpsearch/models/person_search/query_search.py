"""SPNet's query-centric inference: one image is searched for given persons."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torchvision.ops import clip_boxes_to_image, nms

from ..layers.boxes import decode_boxes
from ..structures import Features
from .spnet_search import FoundBoxes, nearest

if TYPE_CHECKING:
    from .spnet import SPNet


def search_queries(
    model: "SPNet", features: Features, image_size: tuple[int, int], queries: Tensor
) -> list[FoundBoxes]:
    """Search one gallery image for every query (query-centric pathway).

    The image's features are computed once for all queries; queries are compared in
    groups, so that memory stays bounded.

    Args:
        model: in eval mode, without cascade steps.
        features: of one gallery image.
        image_size: height, width before padding.
        queries: ``(Q, D)`` detection embeddings.

    Returns:
        Per query its boxes in the order of their anchors' norms (not of the scores
        after suppression), with ``image_index`` 0.
    """
    settings, block = model.search, model.sp_blocks[0]
    embeddings, anchors = model.anchor_embedder(features.pyramid, features.batch_shape)
    boxes, scores = [], []
    for group in queries.split(settings.queries_at_once):
        norms = torch.cdist(group.float(), embeddings[0].float())
        for query, row in zip(group, norms, strict=True):
            index = nearest(row, settings.max_anchors_per_query, block.positive_logits)
            offsets = block.query_offsets(query, embeddings[0, index])
            score = block.logits(row[index]).sigmoid()
            box = decode_boxes(block.regression(offsets).float(), anchors[index])
            box = clip_boxes_to_image(box, image_size)
            confident = (score > settings.score_threshold).nonzero().flatten()
            kept = nms(box[confident], score[confident], settings.nms_iou)
            kept = confident[kept.sort().values]
            boxes.append(box[kept])
            scores.append(score[kept])
    lengths = [len(b) for b in boxes]
    if not boxes:
        return []
    all_boxes = torch.cat(boxes)
    image_index = all_boxes.new_zeros(len(all_boxes), dtype=torch.int64)
    embedded = model.box_embedder(features, all_boxes, image_index)
    return [
        FoundBoxes(*row)
        for row in zip(
            boxes,
            scores,
            image_index.split(lengths),
            embedded.split(lengths),
            strict=True,
        )
    ]

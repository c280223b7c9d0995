"""Query-centric search against plain loops."""

import torch

from mmpsearch.models.layers.boxes import decode_boxes
from mmpsearch.models.person_search.query_search import search_queries
from mmpsearch.models.person_search.spnet_search import SearchSettings

from ..tiny_spnet import DIMS, SHAPE
from .settled_spnet import SEARCH, clip, settled, slow_nms


def some_queries(model, features):
    """Embeddings of five anchors, so that something is near."""
    embeddings, _ = model.anchor_embedder(features.pyramid, SHAPE)
    return embeddings[0, 100:600:100] + 0.05


@torch.inference_mode()
def test_query_search_equals_a_plain_loop():
    model, features = settled()
    queries = some_queries(model, features)
    found = search_queries(model, features, (60, 90), queries)
    assert len(found) == len(queries)
    embeddings, anchors = model.anchor_embedder(features.pyramid, SHAPE)
    block = model.sp_blocks[0]
    for query, result in zip(queries, found, strict=True):
        offsets = query - embeddings[0]
        norms = offsets.norm(dim=1)
        index = norms.argsort()[:100]
        scores = block.logits(norms[index]).sigmoid()
        boxes = decode_boxes(block.regression(offsets[index]), anchors[index])
        boxes = clip(boxes, (60, 90))
        confident = scores > 0.4
        kept = sorted(slow_nms(boxes[confident], scores[confident], 0.5))
        assert kept
        torch.testing.assert_close(
            result.boxes, boxes[confident][kept], rtol=1e-3, atol=1e-3
        )
        torch.testing.assert_close(result.scores, scores[confident][kept])
        assert result.embeddings.shape == (len(kept), DIMS)
        assert (result.image_index == 0).all()


@torch.inference_mode()
def test_groups_and_order_of_queries_do_not_matter():
    model, features = settled()
    queries = some_queries(model, features)
    whole = search_queries(model, features, SHAPE, queries)
    model.search = SearchSettings(**SEARCH, queries_at_once=2)
    order = [3, 0, 4, 1, 2]
    shuffled = search_queries(model, features, SHAPE, queries[order])
    for position, result in zip(order, shuffled, strict=True):
        torch.testing.assert_close(result.boxes, whole[position].boxes)
        torch.testing.assert_close(result.embeddings, whole[position].embeddings)


@torch.inference_mode()
def test_no_queries_and_queries_far_from_everything():
    model, features = settled()
    assert search_queries(model, features, SHAPE, torch.zeros(0, DIMS)) == []
    (found,) = search_queries(model, features, SHAPE, torch.full((1, DIMS), 1e3))
    assert found.boxes.shape == (0, 4)
    assert found.embeddings.shape == (0, DIMS)

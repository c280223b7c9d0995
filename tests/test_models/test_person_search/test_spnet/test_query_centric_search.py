"""Query-centric search against plain loops."""

from dataclasses import replace

import pytest
import torch

from mmpsearch.models.layers.boxes import decode_boxes
from mmpsearch.models.person_search.spnet.query_centric_search import (
    anchor_norms,
    search_queries,
)
from mmpsearch.models.person_search.spnet.search_settings import SearchSettings
from tests.test_models.test_person_search.test_spnet.settled_spnet import (
    SEARCH,
    clip,
    settled,
    slow_nms,
)
from tests.test_models.tiny_spnet import DIMS, QUERY_CENTRIC, SEPARATE, SHAPE

SIZE = (60, 90)
POSITIVE = {"type": "mmpsearch.SPBlock", "embed_dims": DIMS, "positive_logits": True}


def some_queries(model, features, number=5):
    """Embeddings of anchors, so that something is near."""
    embeddings, _ = model.anchor_embedder(features.pyramid, SHAPE)
    return embeddings[0, 100 : 100 + 100 * number : 100] + 0.05


def slow_search(model, features, size, query):
    """One query, one anchor after the other."""
    embeddings, anchors = model.anchor_embedder(features.pyramid, SHAPE)
    block = model.sp_blocks[0]
    offsets = query - embeddings[0]
    z = block.logits(offsets.norm(dim=1))
    index = z.argsort(descending=True)[: model.search.max_anchors_per_query]
    index = index[z[index].sigmoid() > model.search.score_threshold]
    boxes = decode_boxes(block.regression(offsets[index]), anchors[index])
    boxes, scores = clip(boxes, size), z[index].sigmoid()
    kept = sorted(slow_nms(boxes, scores, 0.5))
    boxes, scores = boxes[kept], scores[kept]
    for step in range(1, model.cascade_steps + 1):
        block, zeros = model.sp_blocks[step], torch.zeros(len(boxes)).long()
        found = model.detection_embeddings(features, boxes, zeros, step)
        trained = model.train_pathway.query_centric
        offsets = query - found if trained else block.bridge(found)
        boxes = clip(decode_boxes(block.regression(offsets), boxes), size)
        scores = block.logits(offsets.norm(dim=1)).sigmoid()
        kept = slow_nms(boxes, scores, 0.5)
        boxes, scores = boxes[kept], scores[kept]
    zeros = torch.zeros(len(boxes)).long()
    return boxes, scores, model.box_embedder(features, boxes, zeros)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sp_block": POSITIVE},
        {"cascade_steps": 2, "detection_embedder": SEPARATE},
        {"cascade_steps": 1, "train_pathway": QUERY_CENTRIC},
    ],
    ids=["shared", "positive", "cascade", "query-centric cascade"],
)
@torch.inference_mode()
def test_equals_a_plain_loop(changes):
    model, features = settled(**changes)
    queries = some_queries(model, features)
    found = search_queries(model, features, SIZE, queries)
    assert (found.query_index.diff() >= 0).all()
    for number, query in enumerate(queries):
        boxes, scores, embeddings = slow_search(model, features, SIZE, query)
        result = found.of(number)
        assert len(boxes)
        torch.testing.assert_close(result.boxes, boxes, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(result.scores, scores, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(result.embeddings, embeddings, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("limits", [{"queries_at_once": 3}, {"boxes_at_once": 4}])
@torch.inference_mode()
def test_groups_and_order_of_queries_do_not_matter(limits):
    model, features = settled()
    queries = some_queries(model, features)
    whole = search_queries(model, features, SHAPE, queries)
    assert len(whole.boxes) > 5
    model.search = replace(model.search, **limits)
    order = [3, 0, 4, 1, 2]
    shuffled = search_queries(model, features, SHAPE, queries[order])
    for position, query in enumerate(order):
        result, expected = shuffled.of(position), whole.of(query)
        torch.testing.assert_close(result.boxes, expected.boxes)
        torch.testing.assert_close(result.embeddings, expected.embeddings)


@torch.inference_mode()
def test_boxes_at_once_bounds_what_is_embedded():
    model, features = settled()
    sizes = []
    model.box_embedder.register_forward_pre_hook(
        lambda _, arguments: sizes.append(len(arguments[1]))
    )
    model.search = SearchSettings(**SEARCH, boxes_at_once=4)
    found = search_queries(model, features, SHAPE, some_queries(model, features))
    assert max(sizes) == 4 and sum(sizes) == len(found.boxes)


@pytest.mark.parametrize("steps", [0, 1])
@torch.inference_mode()
def test_no_queries_and_queries_far_from_everything(steps):
    model, features = settled(cascade_steps=steps)
    for queries in (torch.zeros(0, DIMS), torch.full((2, DIMS), 1e3)):
        found = search_queries(model, features, SHAPE, queries)
        assert found.boxes.shape == (0, 4)
        assert found.scores.shape == found.query_index.shape == (0,)
        assert found.embeddings.shape == (0, DIMS)


def test_anchor_norms_of_equal_embeddings_are_not_nan():
    embeddings = torch.randn(50, 16) * 100
    norms = anchor_norms(embeddings, embeddings, embeddings.square().sum(dim=1))
    assert norms.isfinite().all()
    torch.testing.assert_close(
        norms, torch.cdist(embeddings, embeddings), atol=1.0, rtol=1e-4
    )


def test_norms_stay_float32_under_autocast():
    queries, embeddings = torch.randn(3, 16), torch.randn(40, 16)
    squares = embeddings.square().sum(dim=1)
    expected = anchor_norms(queries, embeddings, squares)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = anchor_norms(queries, embeddings, squares)
    assert torch.equal(found, expected)

"""Inference against plain loops."""

import pytest
import torch
from torchvision.ops import box_iou

from mmpsearch.models.layers.boxes import decode_boxes
from mmpsearch.models.person_search.spnet_search import (
    SearchSettings,
    detect,
    nearest,
    search_queries,
)

from ..tiny_spnet import DIMS, SEPARATE, SHAPE, scene, tiny_spnet

# z > -0.4: some hundred anchors of the random network pass
SEARCH = {"max_anchors": 150, "score_threshold": 0.4, "max_boxes": 40}


def slow_nms(boxes, scores, limit):
    kept = []
    for index in scores.argsort(descending=True, stable=True).tolist():
        if all(box_iou(boxes[index][None], boxes[k][None]) <= limit for k in kept):
            kept.append(index)
    return kept


def clip(boxes, size):
    boxes = boxes.clone()
    boxes[:, 0::2] = boxes[:, 0::2].clamp(0, size[1])
    boxes[:, 1::2] = boxes[:, 1::2].clamp(0, size[0])
    return boxes


def settled(**changes):
    """A network whose offsets are about as long as those of matching anchors."""
    model = tiny_spnet(search=SEARCH, reid_loss=None, **changes).eval()
    inputs, _ = scene()
    with torch.inference_mode():
        features = model.extract(inputs)
        embeddings, _ = model.anchor_embedder(features.pyramid, SHAPE)
        block = model.sp_blocks[0]
        norms = block.object_offsets(embeddings).norm(dim=-1)
        # a tenth of the anchors match, with scores that are not all 0 or 1
        matching = norms.quantile(0.9 if block.positive_logits else 0.1)
        factor = block.logits.mean / matching
        for parameter in model.anchor_embedder.conv.parameters():
            parameter.mul_(factor)
        features = model.extract(inputs)
    return model, features


def test_settings_are_the_published_ones():
    settings = SearchSettings()
    assert (settings.max_anchors, settings.max_anchors_per_query) == (1000, 100)
    assert (settings.score_threshold, settings.nms_iou) == (0.5, 0.5)
    assert settings.max_boxes == 300


def test_nearest():
    norms = torch.tensor([3.0, 1.0, 2.0])
    assert nearest(norms, 2, largest=False).tolist() == [1, 2]
    assert nearest(norms, 9, largest=True).tolist() == [0, 2, 1]
    assert nearest(norms[:0], 2, largest=False).shape == (0,)


@pytest.mark.parametrize("positive", [False, True])
@torch.inference_mode()
def test_detect_equals_a_plain_loop(positive):
    block = {
        "type": "mmpsearch.SPBlock",
        "embed_dims": DIMS,
        "positive_logits": positive,
    }
    model, features = settled(sp_block=block)
    sizes = torch.tensor([[60, 90], [64, 96]])
    found = detect(model, features, sizes)
    embeddings, anchors = model.anchor_embedder(features.pyramid, SHAPE)
    block = model.sp_blocks[0]
    for image, size in enumerate(sizes.tolist()):
        offsets = block.object_offsets(embeddings[image])
        z = block.logits(offsets.norm(dim=1))
        index = z.argsort(descending=True)[:150]
        index = index[z[index].sigmoid() > 0.4][:40]
        assert len(index) == 40
        boxes = clip(
            decode_boxes(block.regression(offsets[index]), anchors[index]), size
        )
        scores = z[index].sigmoid()
        kept = slow_nms(boxes, scores, 0.5)
        own = found.image_index == image
        torch.testing.assert_close(found.boxes[own], boxes[kept], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(found.scores[own], scores[kept])
        expected = model.box_embedder(
            features, boxes[kept], torch.full((len(kept),), image)
        )
        torch.testing.assert_close(
            found.embeddings[own], expected, rtol=1e-3, atol=1e-4
        )
    assert 1 < len(kept) < 40


@pytest.mark.parametrize("embedder", [None, SEPARATE])
@torch.inference_mode()
def test_a_cascade_keeps_low_scores_and_sorts_by_them(embedder):
    model, features = settled(cascade_steps=2, detection_embedder=embedder)
    torch.nn.init.constant_(model.sp_blocks[2].bridge.linear.bias, 3.0)
    sizes = torch.tensor([[64, 96], [64, 96]])
    found = detect(model, features, sizes)
    assert len(found.boxes) > 2
    assert found.scores.min() < 0.4
    for image in range(2):
        own = found.image_index == image
        assert (found.scores[own].diff() <= 0).all()
        assert (
            box_iou(found.boxes[own], found.boxes[own]).fill_diagonal_(0).max() <= 0.5
        )
    assert (found.boxes >= 0).all()
    assert (found.boxes <= torch.tensor([96, 64, 96, 64])).all()
    expected = model.box_embedder(features, found.boxes, found.image_index)
    torch.testing.assert_close(found.embeddings, expected, rtol=1e-3, atol=1e-4)


@torch.inference_mode()
def test_images_do_not_see_each_other():
    model, features = settled()
    together = detect(model, features, torch.tensor([SHAPE, SHAPE]))
    for image in range(2):
        alone = model.extract(scene()[0][image : image + 1])
        found = detect(model, alone, torch.tensor([SHAPE]))
        own = together.image_index == image
        torch.testing.assert_close(
            found.boxes, together.boxes[own], rtol=1e-3, atol=1e-3
        )
        torch.testing.assert_close(found.scores, together.scores[own])


@pytest.mark.parametrize("steps", [0, 2])
@torch.inference_mode()
def test_an_image_with_nobody(steps):
    model, features = settled(cascade_steps=steps, detection_embedder=SEPARATE)
    model.search = SearchSettings(score_threshold=1.0)
    found = detect(model, features, torch.tensor([SHAPE, SHAPE]))
    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == found.image_index.shape == (0,)
    assert found.embeddings.shape == (0, DIMS)


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

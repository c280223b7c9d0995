"""Inference against plain loops."""

import pytest
import torch
from torchvision.ops import box_iou

from mmpsearch.models.layers.boxes import decode_boxes
from mmpsearch.models.person_search.spnet.object_centric_search import detect, nearest
from mmpsearch.models.person_search.spnet.search_settings import SearchSettings
from tests.test_models.test_person_search.test_spnet.settled_spnet import (
    clip,
    settled,
    slow_nms,
)
from tests.test_models.tiny_spnet import DIMS, SEPARATE, SHAPE, scene


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

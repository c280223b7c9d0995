"""Two-step search: crops of boxes, embedded by another model."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpsearch.datasets.transforms.spatial_shift import cut_crop
from mmpsearch.registry import MODELS
from tests.test_models.tiny_two_stage import (
    BACKBONE,
    HEADS,
    RPN,
    TEACHER,
    two_stage_scene,
)

DETECTOR = {
    "type": "mmpsearch.TwoStageSearch",
    "backbone": BACKBONE,
    "rpn_head": RPN,
    "search_head": HEADS["OIM"],
    "search": {"score_threshold": 0.05, "max_boxes": 10},
}


def scenes():
    inputs, samples = two_stage_scene()
    generator = torch.Generator().manual_seed(3)
    for sample in samples:
        shape = (3, 128, 192)  # twice the network's input
        sample.raw_image = torch.randint(
            256, shape, generator=generator, dtype=torch.uint8
        )
        sample.set_metainfo({"scale_factor": (0.5, 0.5)})
        sample.query_instances = InstanceData(bboxes=sample.gt_instances.bboxes[:1])
    return inputs, samples


def build(**options):
    torch.manual_seed(0)
    model = {"type": "mmpsearch.TwoStepSearch", "reid": TEACHER, "crop_size": (32, 16)}
    return MODELS.build({**model, **options}).eval()


def expected_embedding(model, sample, box):
    image = sample.raw_image.permute(1, 2, 0).numpy()
    crop = cut_crop(image, np.array(box, dtype=float), (32, 16))
    inputs = torch.from_numpy(crop).permute(2, 0, 1)[None]
    inputs = model.reid.data_preprocessor({"inputs": inputs})["inputs"]
    return model.reid.extract(inputs)[0]


@torch.no_grad()
def test_ground_truth_boxes():
    model = build(embed_ground_truth=True, chunk_size=1)
    inputs, samples = scenes()
    for sample in model.predict(inputs, samples):
        found = sample.pred_instances
        torch.testing.assert_close(found.bboxes, 2 * sample.gt_instances.bboxes)
        assert found.scores.eq(1).all()
        for box, embedding in zip(found.bboxes, found.embeddings, strict=True):
            expected = expected_embedding(model, sample, box.tolist())
            torch.testing.assert_close(embedding, expected, rtol=1e-4, atol=1e-4)
        query = sample.query_instances.embeddings
        torch.testing.assert_close(query, found.embeddings[:1])
        torch.testing.assert_close(sample.gt_instances.embeddings, found.embeddings)


@torch.no_grad()
def test_boxes_of_a_detector():
    model = build(detector=DETECTOR)
    inputs, samples = scenes()
    alone = [s.pred_instances for s in model.detector.predict(*scenes())]
    for sample, boxes in zip(model.predict(inputs, samples), alone, strict=True):
        found = sample.pred_instances
        assert len(found) > 0 and torch.equal(found.bboxes, boxes.bboxes)
        assert found.embeddings.shape == (len(found), 32)
        assert sample.query_instances.embeddings.shape == (1, 32)


@torch.no_grad()
def test_nobody():
    model = build()
    inputs, samples = scenes()
    samples[0].gt_instances = samples[0].gt_instances[:0]
    found = model.predict(inputs, samples)[0].pred_instances
    assert found.embeddings.shape == (0, 32)


def test_mistakes_are_explained():
    model = build()
    inputs, samples = scenes()
    with pytest.raises(NotImplementedError, match="is for testing"):
        model.loss(inputs, samples)
    del samples[0].raw_image
    with pytest.raises(ValueError, match=r"KeepRawImage.*PackWithRawImage"):
        model.predict(inputs, samples)

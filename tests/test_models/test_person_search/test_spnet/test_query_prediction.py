"""A query-centric test's two steps."""

import pytest
import torch
from mmengine.structures import InstanceData

from mmpsearch.models.person_search.spnet.search_settings import SearchSettings
from tests.test_models.test_person_search.test_spnet.settled_spnet import (
    SEARCH,
    settled,
)
from tests.test_models.tiny_spnet import (
    DIMS,
    FIRST_BOX,
    SECOND_BOX,
    SEPARATE,
    SHAPE,
    scene,
)


def with_queries(samples):
    """Two queries in the first image, none in the second."""
    for sample, boxes in zip(samples, ([FIRST_BOX, SECOND_BOX], []), strict=True):
        sample.query_instances = InstanceData(
            bboxes=torch.tensor(boxes).view(-1, 4),
            query_ids=torch.arange(len(boxes), dtype=torch.int64),
        )
    return samples


def sought(model, inputs):
    queries = model.embed_queries(inputs, with_queries(scene()[1]))[0].query_instances
    return InstanceData(
        query_ids=torch.tensor([7, 3]),
        detection_embeddings=queries.detection_embeddings,
        embeddings=queries.embeddings,
    )


@pytest.mark.parametrize("embedder", [None, SEPARATE])
@torch.inference_mode()
def test_queries_are_embedded_for_both_uses(embedder):
    model, features = settled(detection_embedder=embedder)
    inputs, samples = scene()
    first, second = model.embed_queries(inputs, with_queries(samples))
    boxes, zeros = torch.tensor([FIRST_BOX, SECOND_BOX]), torch.zeros(2).long()
    found = first.query_instances
    expected = model.box_embedder(features, boxes, zeros)
    torch.testing.assert_close(found.embeddings, expected)
    expected = model.detection_embeddings(features, boxes, zeros, 1)
    torch.testing.assert_close(found.detection_embeddings, expected)
    assert torch.equal(found.embeddings, found.detection_embeddings) == (not embedder)
    assert second.query_instances.embeddings.shape == (0, DIMS)
    assert second.query_instances.detection_embeddings.shape == (0, DIMS)


@torch.inference_mode()
def test_every_image_is_searched_for_its_own_queries():
    model, features = settled()
    model.search = SearchSettings(**{**SEARCH, "score_threshold": 0.0})
    inputs, samples = scene()
    queries = sought(model, inputs)
    samples[0].sought_queries, samples[1].sought_queries = queries, queries[1:]
    samples[0].set_metainfo({"scale_factor": (0.5, 0.25)})
    first, second = model(inputs, samples, mode="predict")
    assert "sought_queries" not in first and "sought_queries" not in second
    assert set(first.pred_instances.query_ids.tolist()) == {7, 3}
    assert set(second.pred_instances.query_ids.tolist()) == {3}
    alone = features._replace(
        stages=tuple(stage[:1] for stage in features.stages),
        pyramid=tuple(level[:1] for level in features.pyramid),
    )
    found = model.search_image(alone, SHAPE, queries.detection_embeddings)
    scale = torch.tensor([2.0, 4.0, 2.0, 4.0])
    torch.testing.assert_close(first.pred_instances.bboxes, found.boxes * scale)
    torch.testing.assert_close(first.pred_instances.scores, found.scores)
    own = queries.embeddings[found.query_index]
    expected = torch.nn.functional.cosine_similarity(found.embeddings, own)
    torch.testing.assert_close(first.pred_instances.similarities, expected)


@torch.inference_mode()
def test_mixed_precision_gives_float32():
    model, _ = settled()
    inputs, samples = scene()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        queries = sought(model, inputs)
        for sample in samples:
            sample.sought_queries = queries
        found = model(inputs, samples, mode="predict")[0].pred_instances
    assert queries.embeddings.dtype == queries.detection_embeddings.dtype
    for values in (queries.embeddings, found.bboxes, found.scores, found.similarities):
        assert values.dtype == torch.float32

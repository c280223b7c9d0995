"""Tools search as the config's test does."""

import numpy as np
import pytest

from mmpsearch.evaluation.functional.gallery import ListedGallery, WholeGallery
from mmpsearch.evaluation.metrics.search_settings import search_settings
from mmpsearch.structures import SearchProtocol

BOX = np.array([[0, 0, 40, 120]], float)


@pytest.fixture
def protocol():
    """The query is in a; its list names b alone, c is of the query's camera."""
    return SearchProtocol(
        name="case", image_keys=["a.jpg", "b.jpg", "c.jpg"], image_cameras=[1, 2, 1],
        gt_boxes=np.repeat(BOX, 3, axis=0), gt_person_ids=[5, 5, 5],
        gt_offsets=[0, 1, 2, 3], query_images=[0], query_boxes=BOX,
        query_person_ids=[5], gallery_offsets=[0, 1], gallery_images=[1],
        positive_offsets=[0, 1], positive_images=[1], positive_boxes=BOX,
    )  # fmt: skip


def test_what_the_metric_is_told(protocol):
    metric = dict(
        type="mmpsearch.PersonSearchMetric", gallery="whole", cameras="same",
        score_threshold=0.2, confidence_weighted=True,
    )  # fmt: skip
    for evaluators in (metric, [dict(type="Other"), metric]):
        found = search_settings(evaluators, protocol)
        assert isinstance(found["gallery"], WholeGallery)
        assert found["gallery"].counts(0, 1).tolist() == [[0, 0, 1]]
        assert found["score_threshold"] == 0.2 and found["confidence_weighted"] is True


@pytest.mark.parametrize("evaluators", [None, [], dict(type="Other")])
def test_without_the_metric_its_defaults(protocol, evaluators):
    found = search_settings(evaluators, protocol)
    assert isinstance(found["gallery"], ListedGallery)
    assert found["gallery"].counts(0, 1).tolist() == [[0, 1, 0]]
    assert found["score_threshold"] == 0.5 and found["confidence_weighted"] is False

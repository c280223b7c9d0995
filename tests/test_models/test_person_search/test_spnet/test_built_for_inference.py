"""A model that is loaded for inference searches as the one that was trained."""

import pytest
import torch
from mmengine.config import Config

from mmpsearch.apis.model_loading import build_model
from mmpsearch.models.person_search.spnet.object_centric_search import detect
from tests.test_models.test_person_search.test_spnet.settled_spnet import (
    SEARCH,
    settled,
)
from tests.test_models.tiny_spnet import (
    EVERYTHING,
    QUERY_CENTRIC,
    SEPARATE,
    SHAPE,
    scene,
    tiny_settings,
    tiny_spnet,
)


@pytest.mark.parametrize("cascade_steps", [0, 2])
@pytest.mark.parametrize("detection_embedder", [None, SEPARATE])
@pytest.mark.parametrize(
    ("pathway", "said"),
    [(QUERY_CENTRIC, None), (QUERY_CENTRIC, True), (EVERYTHING, None)],
    ids=["old config", "constructor", "object-centric"],
)
def test_the_same_boxes(tmp_path, pathway, said, cascade_steps, detection_embedder):
    changes = {
        "train_pathway": pathway,
        "cascade_steps": cascade_steps,
        "detection_embedder": detection_embedder,
    }
    if said is not None:
        changes["query_centric"] = said
    trained, features = settled(**changes)
    torch.save(trained.state_dict(), tmp_path / "trained.pth")
    config = Config({"model": tiny_settings(search=SEARCH, **changes)})
    loaded = build_model(config, tmp_path / "trained.pth", SEARCH["score_threshold"])
    assert loaded.train_pathway is None and loaded.reid_loss is None
    assert loaded.query_centric == (pathway is QUERY_CENTRIC)
    with torch.inference_mode():
        anchors, _ = trained.anchor_embedder(features.pyramid, SHAPE)
        queries = anchors[0, 100:600:100] + 0.05
        found = [
            (
                model.search_image(features, SHAPE, queries),
                detect(model, model.extract(scene()[0]), torch.tensor([SHAPE, SHAPE])),
            )
            for model in (trained, loaded)
        ]
    for ours, theirs in zip(*found, strict=True):
        assert len(ours.boxes)
        for one, other in zip(ours, theirs, strict=True):
            assert torch.equal(one, other)


def test_the_property_changes_what_cascade_steps_find():
    """Else the test above would show nothing."""
    changes = {"cascade_steps": 1, "train_pathway": None}
    scores = []
    for query_centric in (True, False):
        model, features = settled(query_centric=query_centric, **changes)
        with torch.inference_mode():
            anchors, _ = model.anchor_embedder(features.pyramid, SHAPE)
            queries = anchors[0, 100:600:100] + 0.05
            scores.append(model.search_image(features, SHAPE, queries).scores)
    assert len(scores[0]) != len(scores[1]) or not torch.allclose(*scores)


def test_a_contradiction_is_refused():
    with pytest.raises(ValueError, match="query_centric=False contradicts"):
        tiny_spnet(train_pathway=QUERY_CENTRIC, query_centric=False)
    with pytest.raises(ValueError, match="query_centric=True contradicts"):
        tiny_spnet(train_pathway=EVERYTHING, query_centric=True)
    reid_only = {"type": "mmpsearch.ReIDOnlyTraining"}
    assert tiny_spnet(train_pathway=reid_only, query_centric=True).query_centric
    assert not tiny_spnet(train_pathway=reid_only).query_centric

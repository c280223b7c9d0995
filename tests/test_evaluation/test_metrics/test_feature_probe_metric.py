import numpy as np
import pytest
import torch

from mmpsearch.evaluation.functional.feature_probe import linear_probe
from mmpsearch.evaluation.metrics import FeatureProbeMetric, ReIDMetric


def samples(seed=0):
    """Three training people and four test people, two cameras each."""
    generator = np.random.default_rng(seed)
    found = []
    for split, people in (("train", (0, 1, 2)), ("test", (10, 11, 12, 13))):
        for person in people:
            centre = generator.normal(size=6)
            for camera in (0, 0, 1, 1):
                found.append(
                    dict(
                        split=split,
                        person_id=person,
                        camera_id=camera,
                        is_query=split == "test" and camera == 0,
                        embedding=torch.from_numpy(centre + generator.normal(size=6)),
                    )
                )
    return found


def evaluate(rows, **settings):
    metric = FeatureProbeMetric(dict(type="mmpsearch.ReIDMetric"), **settings)
    metric.process(None, rows)
    return metric.evaluate(len(rows))


def reid_metrics(rows):
    metric = ReIDMetric()
    metric.process(None, rows)
    return metric.evaluate(len(rows))


def test_frozen_and_probed_by_the_set_s_own_metric():
    rows = samples()
    train = [row for row in rows if row["split"] == "train"]
    test = [row for row in rows if row["split"] == "test"]
    found = evaluate(rows)
    want = reid_metrics(test)
    assert found["frozen_mAP"] == want["mAP"]
    assert found["frozen_rank1"] == want["rank1"]
    logits = linear_probe(
        np.stack([row["embedding"] for row in train]),
        np.array([row["person_id"] for row in train]),
        np.stack([row["embedding"] for row in test]),
    )
    for row, logit in zip(test, logits, strict=True):
        row["embedding"] = logit
    assert found["probe_mAP"] == pytest.approx(reid_metrics(test)["mAP"])
    assert 1 < found["effective_rank"] < 6
    assert found["positive_similarity"] > found["negative_similarity"]
    assert "frozen_mINP" not in found


def test_a_split_is_missing():
    rows = [row for row in samples() if row["split"] == "test"]
    with pytest.raises(ValueError, match="FeatureProbeSet"):
        evaluate(rows)

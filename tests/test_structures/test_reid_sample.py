import copy
import pickle

import pytest
import torch

from mmpsearch.evaluation.metrics import ReIDMetric
from mmpsearch.structures import ReIDSample


def make(person=3, camera=1, is_query=False, embedding=(1.0, 0.0)):
    sample = ReIDSample(metainfo=dict(img_path="a.jpg"))
    sample.person_id = person
    sample.camera_id = camera
    sample.modality = "rgb"
    sample.is_query = is_query
    sample.target = "market1501"
    sample.embedding = torch.tensor(embedding)
    return sample


def test_fields_are_kept_in_copies_pickles_and_dicts():
    sample = make()
    for other in (sample, copy.deepcopy(sample), pickle.loads(pickle.dumps(sample))):
        assert (other.person_id, other.camera_id, other.modality) == (3, 1, "rgb")
        assert other.is_query is False and other.img_path == "a.jpg"
        assert other.embedding.tolist() == [1.0, 0.0]
    assert {k for k in sample.to_dict() if k.startswith("_")} == set()
    assert sample.to_dict()["person_id"] == 3
    assert sample.to("cpu").embedding.shape == (2,)


def test_wrong_type_and_unset_field():
    sample = ReIDSample()
    with pytest.raises(AttributeError):
        _ = sample.embedding
    with pytest.raises(AssertionError):
        sample.person_id = 1.5
    sample.person_id = 2
    del sample.person_id
    assert "person_id" not in sample


def test_the_metric_reads_samples_and_their_dicts():
    samples = [
        make(1, 0, True),
        make(1, 1, False, (0.9, 0.1)),
        make(2, 1, False, (0.0, 1.0)),
    ]
    for given in (samples, [sample.to_dict() for sample in samples]):
        metric = ReIDMetric(ranks=(1,))
        metric.process(None, given)
        assert metric.evaluate(3)["mAP"] == 1.0

"""The metric against the functions it wraps, in one process and in two."""

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmengine.evaluator import Evaluator
from mmengine.structures import BaseDataElement

from mmpsearch.errors import ConfigError
from mmpsearch.evaluation import functional
from mmpsearch.evaluation.metrics import ReIDMetric
from mmpsearch.registry import METRICS
from tests.distributed import run_two_ranks


def make_samples(seed=0, number=41, **extra):
    """Samples in mixed order: about a third are queries."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(5, 8))
    samples = []
    for _ in range(number):
        person = int(rng.integers(5))
        feature = centres[person] + 1.5 * rng.normal(size=8)
        samples.append(
            BaseDataElement(
                embedding=torch.tensor(feature, dtype=torch.float32),
                metainfo=dict(
                    person_id=person,
                    camera_id=int(rng.integers(3)),
                    is_query=bool(rng.random() < 0.35),
                    **extra,
                ),
            )
        )
    return samples


def as_arguments(samples):
    """What the functions take, from samples."""
    parts = []
    for wanted in (True, False):
        own = [s for s in samples if s.is_query == wanted]
        parts.append(
            (
                torch.stack([s.embedding for s in own]),
                [s.person_id for s in own],
                [s.camera_id for s in own],
            )
        )
    (query, query_ids, query_cameras), (gallery, gallery_ids, gallery_cameras) = parts
    return (query, gallery), (query_ids, gallery_ids, query_cameras, gallery_cameras)


def evaluate(samples, batch=6, **options):
    metric = METRICS.build(dict(type="mmpsearch.ReIDMetric", **options))
    evaluator = Evaluator(metric)
    for start in range(0, len(samples), batch):
        evaluator.process(samples[start : start + batch])
    return evaluator.evaluate(len(samples))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_equals_functions(metric):
    samples = make_samples()
    pair, labels = as_arguments(samples)
    found = evaluate(samples, metric=metric, ranks=(1, 3), false_accept_rate=0.1)
    expected = functional.rank_metrics(pair, *labels, metric=metric)
    threshold = functional.same_person_threshold(pair, *labels, 0.1, metric=metric)
    assert found == {
        "mAP": expected.mAP,
        "mINP": expected.mINP,
        "rank1": expected.cmc[0],
        "rank3": expected.cmc[2],
        "num_valid_queries": expected.num_valid_queries,
        "threshold": threshold.threshold,
        "true_accept_rate": threshold.true_accept_rate,
    }


def test_refinements_are_reported_beside_the_plain_numbers():
    samples = make_samples(1)
    pair, labels = as_arguments(samples)
    plain = evaluate(samples)
    expanded = functional.average_query_expansion(*pair, k=3)
    options = dict(k1=8, k2=3, lambda_value=0.4)
    for found, prefix, distances in (
        (evaluate(samples, query_expansion=dict(k=3)), "qe_", expanded),
        (
            evaluate(samples, re_ranking=options),
            "rerank_",
            functional.re_ranking_from_embeddings(*pair, **options),
        ),
        (
            evaluate(samples, query_expansion=dict(k=3), re_ranking=options),
            "qe_rerank_",
            functional.re_ranking_from_embeddings(*expanded, **options),
        ),
    ):
        expected = functional.rank_metrics(distances, *labels)
        assert {key: found[key] for key in plain} == plain
        assert len(found) == 2 * len(plain) - 1  # the number of queries stands once
        assert found[prefix + "mAP"] == pytest.approx(expected.mAP, abs=1e-9)
        assert found[prefix + "rank5"] == pytest.approx(expected.cmc[4], abs=1e-9)
        assert found[prefix + "mAP"] != plain["mAP"]


def test_single_gallery_shot():
    samples = make_samples(2)
    pair, labels = as_arguments(samples)
    found = evaluate(samples, single_gallery_shot=True)
    assert found["rank1"] == functional.cuhk03_metrics(pair, *labels).cmc[0]


def test_several_targets():
    samples = [
        *make_samples(3, target="market1501"),
        *make_samples(4, target="msmt17"),
    ]
    order = np.random.default_rng(0).permutation(len(samples))
    found = evaluate([samples[i] for i in order])
    for name in ("market1501", "msmt17"):
        own = [samples[i] for i in order if samples[i].target == name]
        for key, value in evaluate(own).items():
            assert found[f"{name}/{key}"] == value
    assert "mAP" not in found


def test_plain_dicts_and_prefix():
    samples = [
        dict(embedding=np.array(feature), person_id=p, camera_id=c, is_query=q)
        for feature, p, c, q in (
            ([1.0, 0.0], 1, 0, True),
            ([0.9, 0.1], 1, 1, False),
            ([0.0, 1.0], 2, 1, False),
            ([1.0, 0.0], 1, 0, False),
        )
    ]
    found = evaluate(samples, prefix="test")
    assert found["test/mAP"] == 1 and found["test/num_valid_queries"] == 1


def evaluate_own_share(rank, samples, batch):
    """What one of two ranks does: its share of samples, padded to equal length."""
    own = list(DefaultSampler(samples, shuffle=False))
    metric = ReIDMetric(false_accept_rate=0.1)
    for start in range(0, len(own), batch):
        metric.process(None, [samples[i] for i in own[start : start + batch]])
    return metric.evaluate(len(samples))


@pytest.mark.parametrize("number", [40, 41])
def test_two_ranks_equal_one_process(number, tmp_path, monkeypatch):
    """41 samples need one of padding; ties by gallery index need the order."""
    monkeypatch.chdir(tmp_path)
    samples = make_samples(5, number)
    for sample in samples[::3]:  # equal embeddings: order decides
        sample.embedding = torch.ones(8)
    expected = evaluate(samples, false_accept_rate=0.1)
    for found in run_two_ranks(evaluate_own_share, samples, 6):
        assert found == expected


def test_order_of_gallery_decides_ties():
    """The test above would not notice lost order otherwise."""
    samples = make_samples(5, 41)
    for sample in samples[::3]:
        sample.embedding = torch.ones(8)
    assert evaluate(samples)["mAP"] != evaluate(samples[::-1])["mAP"]


def only(samples, is_query):
    return [sample for sample in samples if sample.is_query == is_query]


def test_bad_samples():
    samples = make_samples()
    with pytest.raises(ValueError, match="query list is empty"):
        evaluate(only(samples, False))
    with pytest.raises(ValueError, match="gallery list is empty"):
        evaluate(only(samples, True))
    with pytest.raises(ValueError, match="test set duke.*gallery list is empty"):
        evaluate(only(make_samples(target="duke"), True))
    with pytest.raises(ValueError, match="no 'camera_id'"):
        evaluate([BaseDataElement(embedding=torch.ones(3), person_id=1)])
    wide = BaseDataElement(
        embedding=torch.ones(1, 3), person_id=1, camera_id=0, is_query=True
    )
    with pytest.raises(ValueError, match=r"shape \(D,\)"):
        evaluate([wide])
    with pytest.raises(ValueError, match="no samples"):
        ReIDMetric().evaluate(0)


def test_bad_options():
    with pytest.raises(ValueError, match="metric"):
        ReIDMetric(metric="hamming")
    with pytest.raises(ValueError, match="ranks"):
        ReIDMetric(ranks=())


def test_a_test_that_lost_pictures_is_refused():
    samples = make_samples()
    evaluator = Evaluator(METRICS.build(dict(type="mmpsearch.ReIDMetric")))
    evaluator.process(samples[:30])
    with pytest.raises(ConfigError, match="got 30 of the 41 pictures.*drop_last=False"):
        evaluator.evaluate(len(samples))


def test_pictures_of_the_same_camera_can_count():
    samples = make_samples()
    pair, (query_ids, gallery_ids, *_) = as_arguments(samples)
    unknown = [-1] * len(query_ids), [-1] * len(gallery_ids)
    expected = functional.rank_metrics(pair, query_ids, gallery_ids, *unknown)
    found = evaluate(samples, keep_same_camera=True)
    assert found["mAP"] == expected.mAP != evaluate(samples)["mAP"]

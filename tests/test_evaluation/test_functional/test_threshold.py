"""Calibrated thresholds against trying every observed distance."""

import numpy as np
import pytest

from mmpsearch.evaluation.functional import same_person_threshold
from mmpsearch.evaluation.functional.threshold import ROC_RATES

from .reid_oracles import random_task


def all_pairs(distances, query_ids, gallery_ids, query_cameras, gallery_cameras):
    """Same- and different-person distances, one list per query."""
    same_id = query_ids[:, None] == gallery_ids
    same_camera = query_cameras[:, None] == gallery_cameras
    rows = range(len(query_ids))
    return (
        [distances[q][same_id[q] & ~same_camera[q]] for q in rows],
        [distances[q][~same_id[q]] for q in rows],
    )


def slow_point(same, different, rate):
    """The largest observed distance with a false-accept rate of at most ``rate``."""
    best = None
    for threshold in np.unique(np.concatenate([same, different])):
        if np.mean(different <= threshold) <= rate:
            best = threshold
    if best is None:
        return None, 0.0, 0.0
    return best, np.mean(different <= best), np.mean(same <= best)


@pytest.mark.parametrize("steps", [0, 5])
@pytest.mark.parametrize("per", ["pair", "query"])
@pytest.mark.parametrize("block_size", [None, 3])
def test_equals_trying_all_thresholds(steps, per, block_size):
    task = random_task(0, steps=steps)
    same, different = all_pairs(*task)
    if per == "query":
        same = [row.min(keepdims=True) for row in same if len(row)]
        different = [row.min(keepdims=True) for row in different if len(row)]
    same, different = np.concatenate(same), np.concatenate(different)
    rates = (0.0, 0.01, 0.1, 0.5, 0.9, 1.0)
    found = same_person_threshold(
        *task, 0.1, roc_rates=rates, per=per, block_size=block_size
    )
    assert (found.num_same, found.num_different) == (len(same), len(different))
    assert found[:3] == found.roc[2]
    for rate, point in zip(rates, found.roc, strict=True):
        threshold, false_rate, true_rate = slow_point(same, different, rate)
        assert point.false_accept_rate == pytest.approx(false_rate, abs=1e-12)
        assert point.true_accept_rate == pytest.approx(true_rate, abs=1e-12)
        if threshold is None:
            assert point.threshold < min(same.min(), different.min())
        else:
            assert point.threshold == threshold
        if 0 < rate * len(different) < 1:  # nobody could tell it from zero
            with pytest.raises(ValueError, match=f"at least {1 / rate:.0f} are needed"):
                same_person_threshold(*task, rate, per=per)
            continue
        alone = same_person_threshold(  # keeps only the distances this rate needs
            *task, rate, roc_rates=(), per=per, block_size=block_size
        )
        assert alone[:3] == point and alone.roc == []


def test_by_hand():
    """Different people at .15 .2 .4 .5 .6, the same at .1 .3 .35."""
    found = same_person_threshold(
        [[0.1, 0.2, 0.3, 0.4], [0.5, 0.35, 0.15, 0.6]],
        [1, 2],
        [1, 2, 1, 3],
        false_accept_rate=0.4,
    )
    assert found.threshold == pytest.approx(0.35)
    assert found.false_accept_rate == pytest.approx(2 / 5)
    assert found.true_accept_rate == 1
    assert (found.num_same, found.num_different) == (3, 5)
    assert len(found.roc) == len(ROC_RATES)
    assert found.roc[0].true_accept_rate == pytest.approx(1 / 3)  # none accepted wrong
    per_query = same_person_threshold(
        [[0.1, 0.2, 0.3, 0.4], [0.5, 0.35, 0.15, 0.6]],
        [1, 2],
        [1, 2, 1, 3],
        false_accept_rate=0.5,
        per="query",
    )  # nearest strangers at .2 and .15, nearest matches at .1 and .35
    assert per_query.threshold == pytest.approx(0.15)
    assert per_query.true_accept_rate == pytest.approx(1 / 2)


def test_rates_that_floats_miss():
    """0.29 of 100 pairs is 29, though 0.29 * 100 is 28.999999999999996."""
    distances = np.arange(101.0)[None]
    found = same_person_threshold(
        distances, [0], [0] + [1] * 100, false_accept_rate=0.29
    )
    assert found.threshold == 29


def test_embeddings_equal_their_matrix():
    rng = np.random.default_rng(0)
    pair = rng.normal(size=(20, 4)), rng.normal(size=(60, 4))
    labels = rng.integers(0, 4, 20), rng.integers(0, 4, 60)
    unit = [part / np.linalg.norm(part, axis=1)[:, None] for part in pair]
    matrix = 1 - unit[0] @ unit[1].T
    found = same_person_threshold(pair, *labels, false_accept_rate=0.05, block_size=7)
    expected = same_person_threshold(matrix, *labels, false_accept_rate=0.05)
    assert found.threshold == pytest.approx(expected.threshold, abs=1e-12)
    assert found.true_accept_rate == expected.true_accept_rate


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(false_accept_rate=1.5), r"in \[0, 1\]"),
        (dict(roc_rates=(-0.1,)), r"in \[0, 1\]"),
        (dict(per="camera"), "'pair' or 'query'"),
        (dict(query_ids=[7]), "0 of the same and 2 of different"),
        (dict(gallery_ids=[1, 1]), "2 of the same and 0 of different"),
        (dict(query_ids=[]), "empty"),
        (dict(query_ids=[1, 2]), "shape"),
    ],
)
def test_bad_inputs(change, message):
    arguments = dict(distances=[[0.1, 0.2]], query_ids=[1], gallery_ids=[1, 2])
    with pytest.raises(ValueError, match=message):
        same_person_threshold(**{**arguments, **change})

import numpy as np
import pytest

from mmpsearch.evaluation.functional import rank_metrics
from mmpsearch.evaluation.functional.cross_modality import (
    mean_over_trials,
    sysu_mm01_metrics,
)

from ..cross_modality_golden import golden_cases

SYSU = golden_cases("sysu_eval")
REGDB = golden_cases("regdb_eval")


def evaluate(case, **kwargs):
    labels = [case[key] for key in ("q_ids", "g_ids", "q_cams", "g_cams")]
    return sysu_mm01_metrics(case["dist"], *labels, **kwargs)


def slow_metrics(distances, q_ids, g_ids, q_cams, g_cams, max_rank=20):
    """Query after query, with one sorted list each."""
    cmc, precisions, penalties = np.zeros(max_rank), [], []
    for row, person, camera in zip(distances, q_ids, q_cams, strict=True):
        order = np.argsort(row, kind="stable")
        if camera == 3:
            order = order[g_cams[order] != 2]
        hits = np.flatnonzero(g_ids[order] == person)
        if not len(hits):
            continue
        precisions.append(np.mean([(i + 1) / (hit + 1) for i, hit in enumerate(hits)]))
        penalties.append(len(hits) / (hits[-1] + 1))
        seen = list(dict.fromkeys(g_ids[order].tolist()))
        cmc[seen.index(person) :] += 1
    return cmc / len(precisions), np.mean(precisions), np.mean(penalties)


@pytest.mark.parametrize("name", SYSU)
@pytest.mark.parametrize("block_size", [None, 7])
def test_sysu_mm01_equals_the_released_evaluation(name, block_size):
    case = SYSU[name]
    (found,) = evaluate(case, block_size=block_size)
    length = len(case["cmc"])
    np.testing.assert_allclose(found.cmc[:length], case["cmc"], atol=1e-6)
    np.testing.assert_allclose(found.cmc[length:], case["cmc"][-1], atol=1e-6)
    assert found.mAP == pytest.approx(float(case["mAP"]), abs=1e-9)
    assert found.mINP == pytest.approx(float(case["mINP"]), abs=1e-9)


@pytest.mark.parametrize("name", REGDB)
def test_regdb_equals_the_released_evaluation(name):
    case = REGDB[name]
    found = rank_metrics(case["dist"], case["q_ids"], case["g_ids"], max_rank=20)
    np.testing.assert_allclose(found.cmc[: len(case["cmc"])], case["cmc"], atol=1e-6)
    assert found.mAP == pytest.approx(float(case["mAP"]), abs=1e-9)
    assert found.mINP == pytest.approx(float(case["mINP"]), abs=1e-9)


@pytest.mark.parametrize("levels", [3, 40, 10**6])
def test_many_galleries_equal_the_slow_way_with_and_without_ties(levels):
    random = np.random.default_rng(levels)
    distances = random.integers(levels, size=(40, 90)).astype(np.float32)
    q_ids, g_ids = random.integers(12, size=40), random.integers(10, size=90)
    q_cams, g_cams = random.choice((3, 6), 40), random.choice((1, 2, 4, 5), 90)
    galleries = [random.permutation(90)[:size] for size in (90, 60, 25)]
    found = sysu_mm01_metrics(
        distances, q_ids, g_ids, q_cams, g_cams, galleries=galleries, block_size=16
    )
    for result, part in zip(found, galleries, strict=True):
        cmc, mean_precision, mean_penalty = slow_metrics(
            distances[:, part], q_ids, g_ids[part], q_cams, g_cams[part]
        )
        np.testing.assert_allclose(result.cmc, cmc, atol=1e-12)
        assert result.mAP == pytest.approx(mean_precision, abs=1e-12)
        assert result.mINP == pytest.approx(mean_penalty, abs=1e-12)
    mean = mean_over_trials(found)
    assert mean.mAP == pytest.approx(np.mean([one.mAP for one in found]))
    assert mean.cmc[0] == pytest.approx(np.mean([one.cmc[0] for one in found]))


def test_embeddings_and_their_distances_agree_and_stay_as_they_were():
    random = np.random.default_rng(0)
    query, gallery = random.normal(size=(9, 8)), random.normal(size=(30, 8))
    labels = np.arange(9) % 4, np.arange(30) % 4, np.full(9, 3), np.full(30, 1)
    unit = [
        part / np.linalg.norm(part, axis=1, keepdims=True) for part in (query, gallery)
    ]
    matrix = 1 - unit[0] @ unit[1].T
    before = matrix.copy()
    (one,) = sysu_mm01_metrics((query, gallery), *labels)
    (other,) = sysu_mm01_metrics(matrix, *labels)
    assert one.mAP == pytest.approx(other.mAP)
    assert (matrix == before).all()


def test_a_hand_computed_ranking():
    # Identities at increasing distance: 5 (camera 2, hidden), 8, 5, 7, 5.
    labels = [5], [5, 8, 5, 7, 5], [3], [2, 1, 4, 5, 1]
    (found,) = sysu_mm01_metrics(np.arange(5.0)[None], *labels, max_rank=3)
    assert found.cmc.tolist() == [0, 1, 1]
    assert found.mAP == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert found.mINP == pytest.approx(2 / 4)
    (seen,) = sysu_mm01_metrics(np.arange(5.0)[None], [5], labels[1], [6], labels[3])
    assert seen.cmc[0] == 1


def test_what_cannot_be_evaluated():
    case = SYSU["all_single"]
    with pytest.raises(ValueError, match="no query has a match in a gallery"):
        evaluate(case | {"q_ids": case["q_ids"] + 10_000})
    with pytest.raises(ValueError, match="a gallery is empty"):
        evaluate(case, galleries=[np.array([], dtype=int)])
    with pytest.raises(ValueError, match="infinity"):
        evaluate(case | {"dist": np.full_like(case["dist"], np.inf)})

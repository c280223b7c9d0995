"""The closed form against golden numbers and every possible gallery choice."""

import numpy as np
import pytest

from mmpsearch.evaluation.functional import cuhk03_metrics, rank_metrics

from .reid_oracles import GOLDEN, random_task, slow_cuhk03_cmc


def test_golden():
    with np.load(GOLDEN / "ranking.npz") as arrays:
        golden = {key: arrays[f"cuhk03/{key}"] for key in ("pids", "camids", "distmat")}
        exact = arrays["cuhk03/exact_expected_cmc"]
        sampled = arrays["cuhk03/mc150_mean_cmc"]
        spread = arrays["cuhk03/mc150_std_cmc"]
        mean_precision = float(arrays["cuhk03/fastreid_mAP"])
    labels = [golden[key] for key in ("pids", "pids", "camids", "camids")]
    found = cuhk03_metrics(golden["distmat"], *labels, max_rank=20)
    np.testing.assert_allclose(found.cmc, exact, atol=1e-12)
    assert np.all(np.abs(found.cmc - sampled) <= 4 * spread / np.sqrt(150) + 1e-6)
    assert found.mAP == pytest.approx(mean_precision, abs=1e-9)


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("seed", range(3))
def test_equals_all_choices(seed, steps):
    task = random_task(seed, num_query=12, num_gallery=15, identities=3, steps=steps)
    found = cuhk03_metrics(*task, max_rank=7)
    np.testing.assert_allclose(found.cmc, slow_cuhk03_cmc(*task, 7), atol=1e-12)
    full = rank_metrics(*task)
    assert (found.mAP, found.mINP) == (full.mAP, full.mINP)
    assert found.num_valid_queries == full.num_valid_queries


def test_by_hand():
    """Of identity 2's two images one is nearer than the match: half the choices."""
    found = cuhk03_metrics([[0.1, 0.2, 0.3, 0.4]], [1], [2, 1, 2, 3], max_rank=5)
    np.testing.assert_allclose(found.cmc, [0.5, 1, 1, 1, 1])


def test_one_image_per_identity_is_the_ordinary_cmc():
    rng = np.random.default_rng(0)
    distances = rng.random((10, 30))
    ids = np.arange(10), np.arange(30)
    shot, full = (
        metrics(distances, *ids) for metrics in (cuhk03_metrics, rank_metrics)
    )
    np.testing.assert_allclose(shot.cmc, full.cmc, atol=1e-12)


def test_embeddings_in_blocks():
    rng = np.random.default_rng(0)
    pair = rng.normal(size=(10, 4)), rng.normal(size=(30, 4))
    labels = rng.integers(0, 4, 10), rng.integers(0, 4, 30)
    whole = cuhk03_metrics(pair, *labels)
    pieces = cuhk03_metrics(pair, *labels, block_size=3)
    np.testing.assert_allclose(whole.cmc, pieces.cmc, atol=1e-12)


def test_no_match():
    with pytest.raises(ValueError, match="has a match"):
        cuhk03_metrics([[0.1, 0.2]], [1], [2, 3])

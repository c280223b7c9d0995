"""Re-ranking against reference toolboxes and a dense, set-by-set version."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mmpsearch.evaluation.functional import (
    rank_metrics,
    re_ranking,
    re_ranking_from_embeddings,
)

from .reid_oracles import GOLDEN, slow_re_ranking

# name in the file: parameters, tolerance of distances, of mAP
SETTINGS = {
    "fastreid_k20_6_0.3": ((20, 6, 0.3), 1e-6, 1e-6),
    "torchreid_k20_6_0.3": ((20, 6, 0.3), 1e-6, 1e-6),
    "fastreid_k20_1_0.3": ((20, 1, 0.3), 1e-6, 1e-6),
    "fastreid_k10_3_0.5": ((10, 3, 0.5), 1e-6, 1e-6),
    "transreid_k20_6_0.3": ((20, 6, 0.3), 4e-3, 4e-4),  # half precision
    "personvit_k50_15_0.3": ((50, 15, 0.3), 5e-3, 4e-4),  # half precision
}


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "reranking.npz") as arrays:
        return dict(arrays)


def dense(golden, *parameters):
    return re_ranking(golden["q_g"], golden["q_q"], golden["g_g"], *parameters)


def from_embeddings(golden, *parameters, metric="euclidean"):
    rows = re_ranking_from_embeddings(
        golden["q_feat"], golden["g_feat"], *parameters, metric=metric
    )
    return rows.toarray()


@pytest.mark.parametrize("form", [dense, from_embeddings])
@pytest.mark.parametrize("name", SETTINGS)
def test_golden(golden, form, name):
    parameters, distance_tolerance, tolerance = SETTINGS[name]
    found = form(golden, *parameters)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, golden[name], atol=distance_tolerance, rtol=0)
    labels = [golden[key] for key in ("q_pids", "g_pids", "q_camids", "g_camids")]
    mean_precision = rank_metrics(found, *labels).mAP
    assert mean_precision == pytest.approx(float(golden[f"{name}/mAP"]), abs=tolerance)


def test_golden_without_re_ranking(golden):
    labels = [golden[key] for key in ("q_pids", "g_pids", "q_camids", "g_camids")]
    found = rank_metrics(golden["q_g"], *labels).mAP
    assert found == pytest.approx(float(golden["no_rerank/mAP"]), abs=1e-6)


def make_embeddings(seed, num_query=12, num_gallery=50, identities=6, noise=0.7):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(identities, 6))
    ids = rng.integers(0, identities, num_query + num_gallery)
    points = centres[ids] + noise * rng.normal(size=(len(ids), 6))
    return points[:num_query], points[num_query:]


def distances(query, gallery):
    return cdist(query, gallery), cdist(query, query), cdist(gallery, gallery)


@pytest.mark.parametrize(
    "k1, k2, lambda_value",
    [(20, 6, 0.3), (7, 3, 0.5), (9, 1, 0.0), (1, 2, 0.3), (5, 9, 0.2), (200, 6, 0.3)],
)
@pytest.mark.parametrize("seed", range(2))
def test_equals_slow_version(seed, k1, k2, lambda_value):
    query, gallery = make_embeddings(seed)
    expected = slow_re_ranking(*distances(query, gallery), k1, k2, lambda_value)
    parameters = (k1, k2, lambda_value)
    found = re_ranking(*distances(query, gallery), *parameters)
    np.testing.assert_allclose(found, expected, atol=2e-6)
    rows = re_ranking_from_embeddings(query, gallery, *parameters, metric="euclidean")
    np.testing.assert_allclose(rows.toarray(), expected, atol=2e-6)
    np.testing.assert_allclose(rows.rows(3, 5), expected[3:5], atol=2e-6)
    np.testing.assert_allclose(rows.encoding.sum(axis=1), 1, atol=1e-5)


def test_duplicated_images():
    """More equal images than a neighbour list is long: ties go by index."""
    query, gallery = make_embeddings(3)
    gallery[10:40] = gallery[10]
    query[2] = gallery[10]
    expected = slow_re_ranking(*distances(query, gallery), 5, 3, 0.3)
    found = re_ranking(*distances(query, gallery), 5, 3, 0.3)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_collapsed_features_stay_finite():
    query, gallery = np.ones((4, 3)), np.ones((30, 3))
    assert np.isfinite(re_ranking(*distances(query, gallery))).all()
    assert np.isfinite(re_ranking_from_embeddings(query, gallery).toarray()).all()


def test_lambda_one_keeps_the_order():
    query, gallery = make_embeddings(0)
    original = cdist(query, gallery)
    found = re_ranking(*distances(query, gallery), lambda_value=1)
    np.testing.assert_array_equal(np.argsort(found, 1), np.argsort(original, 1))


def test_scale_of_the_distances_does_not_matter():
    query, gallery = make_embeddings(0)
    one = re_ranking(*distances(query, gallery))
    many = re_ranking(*distances(5 * query, 5 * gallery))
    np.testing.assert_allclose(one, many, atol=1e-6)


def test_cosine_is_euclidean_on_normalised_copies():
    query, gallery = make_embeddings(0)
    unit = [part / np.linalg.norm(part, axis=1)[:, None] for part in (query, gallery)]
    np.testing.assert_allclose(
        re_ranking_from_embeddings(query, gallery).toarray(),
        re_ranking_from_embeddings(*unit, metric="euclidean").toarray(),
        atol=1e-6,
    )


def test_gallery_order_does_not_matter():
    query, gallery = make_embeddings(1)
    order = np.random.default_rng(0).permutation(len(gallery))
    found = re_ranking(*distances(query, gallery[order]))
    expected = re_ranking(*distances(query, gallery))[:, order]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_re_ranked_rows_are_ranked_in_blocks():
    query, gallery = make_embeddings(2)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 12), rng.integers(0, 3, 50)
    rows = re_ranking_from_embeddings(query, gallery)
    whole = rank_metrics(rows.toarray(), *labels)
    assert rank_metrics(rows, *labels, block_size=5).mAP == whole.mAP


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(query_query=np.ones((3, 3))), r"query_query has shape \(3, 3\)"),
        (dict(gallery_gallery=np.ones((2, 2))), "gallery_gallery has shape"),
        (dict(query_gallery=np.full((2, 4), -1.0)), "not similarities"),
        (dict(query_gallery=np.full((2, 4), np.nan)), "NaN"),
        (dict(query_gallery=np.empty((0, 4))), "not empty"),
        (dict(k1=0), "k1 >= 1"),
        (dict(lambda_value=1.5), "lambda_value in"),
    ],
)
def test_bad_inputs(change, message):
    arguments = dict(
        query_gallery=np.ones((2, 4)),
        query_query=np.ones((2, 2)),
        gallery_gallery=np.ones((4, 4)),
    )
    with pytest.raises(ValueError, match=message):
        re_ranking(**{**arguments, **change})


def test_bad_embeddings():
    with pytest.raises(ValueError, match=r"got \(2, 3\) and \(4, 5\)"):
        re_ranking_from_embeddings(np.ones((2, 3)), np.ones((4, 5)))
    with pytest.raises(ValueError, match="metric"):
        re_ranking_from_embeddings(np.ones((2, 3)), np.ones((4, 3)), metric="l1")

"""Distances on demand: equal to the full matrix, and never held whole."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from mmpsearch.evaluation.functional import rank_metrics
from mmpsearch.evaluation.functional.distance_rows import (
    EmbeddingRows,
    MatrixRows,
    smallest_per_row,
)

from .reid_oracles import random_task


def embeddings(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(25, 8)).astype(dtype), rng.normal(size=(120, 8)).astype(
        dtype
    )


@pytest.mark.parametrize(
    "metric, scipy_name",
    [
        ("cosine", "cosine"),
        ("euclidean", "euclidean"),
        ("squared_euclidean", "sqeuclidean"),
    ],
)
@pytest.mark.parametrize("dtype, atol", [(np.float64, 1e-10), (np.float32, 2e-5)])
def test_embedding_distances(metric, scipy_name, dtype, atol):
    query, gallery = embeddings(0, dtype)
    rows = EmbeddingRows(query, torch.from_numpy(gallery), metric)
    found = rows.toarray()
    assert found.dtype == dtype and rows.shape == found.shape == (25, 120)
    np.testing.assert_allclose(found, cdist(query, gallery, scipy_name), atol=atol)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("block_size", [1, 7, 25, 1000])
def test_ranking_in_blocks_equals_ranking_of_the_matrix(metric, block_size):
    pair, labels = embeddings(1), random_task(1)[1:]
    matrix = cdist(*pair, metric)
    expected = rank_metrics(matrix, *labels)
    for distances in (matrix, pair, list(pair), EmbeddingRows(*pair, metric)):
        found = rank_metrics(distances, *labels, metric=metric, block_size=block_size)
        assert found.mAP == pytest.approx(expected.mAP, abs=1e-12)
        assert found.mINP == pytest.approx(expected.mINP, abs=1e-12)
        np.testing.assert_array_equal(found.cmc, expected.cmc)


def test_cosine_and_euclidean_rank_normalised_embeddings_alike():
    pair, labels = embeddings(2), random_task(2)[1:]
    pair = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in pair]
    cosine, euclidean = (
        rank_metrics(pair, *labels, metric=metric) for metric in ("cosine", "euclidean")
    )
    assert cosine.mAP == pytest.approx(euclidean.mAP, abs=1e-12)


def test_two_rows_of_numbers_are_a_matrix_not_embeddings():
    assert rank_metrics(([0.1, 0.2], [0.4, 0.3]), [1, 2], [1, 2]).mAP == 1


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_embeddings_are_multiplied_in_float32(dtype):
    query, gallery = (torch.from_numpy(part).to(dtype) for part in embeddings(3))
    found = EmbeddingRows(query, gallery).toarray()
    expected = cdist(query.double(), gallery.double(), "cosine")
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_blocks_stay_small():
    """The default block holds at most 128 MiB, whatever the gallery's size."""
    query, gallery = np.ones((4000, 1), np.float32), np.ones((40000, 1), np.float32)
    _, block = next(EmbeddingRows(query, gallery).blocks())
    assert 100 * 2**20 < block.nbytes <= 128 * 2**20


def test_memory_map(tmp_path):
    task = random_task(1)
    np.save(tmp_path / "distances.npy", task[0])
    mapped = np.load(tmp_path / "distances.npy", mmap_mode="r")
    assert rank_metrics(mapped, *task[1:]).mAP == rank_metrics(*task).mAP


@pytest.mark.parametrize(
    "query, gallery, metric, message",
    [
        (np.ones(4), np.ones((3, 4)), "cosine", "query_embeddings must have shape"),
        (np.ones((2, 4)), np.ones((3, 5)), "cosine", "4 dimensions.*have 5"),
        (np.ones((2, 4)), np.full((3, 4), np.nan), "cosine", "gallery_embeddings cont"),
        (np.ones((2, 4)), np.ones((3, 4)), "manhattan", "metric must be one of"),
    ],
)
def test_bad_embeddings(query, gallery, metric, message):
    with pytest.raises(ValueError, match=message):
        EmbeddingRows(query, gallery, metric)


def test_nan_is_named_by_query():
    matrix = np.zeros((5, 3))
    matrix[3, 1] = np.nan
    with pytest.raises(ValueError, match="query 3"):
        list(MatrixRows(matrix).blocks(2))


@pytest.mark.parametrize("values", [2, 5, 10**6])
@pytest.mark.parametrize("k", [1, 4, 30])
def test_smallest_per_row_equals_stable_sort(values, k):
    rng = np.random.default_rng(0)
    block = rng.integers(0, values, (40, 30)).astype(np.float32)
    columns, found = smallest_per_row(block, k)
    expected = np.argsort(block, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(columns, expected)
    np.testing.assert_array_equal(found, np.take_along_axis(block, expected, 1))

"""The sparse graph against matrices of all against all, and its memory."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist

from mmpsearch.evaluation.functional.jaccard import (
    jaccard_graph,
    near_pairs,
    nearest_neighbours,
)


def crowd(people, pictures, dims=16, noise=0.3, seed=0):
    generator = np.random.default_rng(seed)
    centres = np.repeat(generator.standard_normal((people, dims)), pictures, axis=0)
    rows = centres + noise * generator.standard_normal(centres.shape)
    return rows.astype(np.float32)


def slow_jaccard(rows, k1, k2):
    """Set by set, in dense matrices, as SpCL's code."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    squared = cdist(rows, rows, "sqeuclidean")
    rank = np.argsort(squared, axis=1, kind="stable")[:, :k1]  # FAISS finds k1
    total = len(rows)

    def reciprocal(i, k):
        return {j for j in rank[i, : k + 1] if i in rank[j, : k + 1]}

    encoding = np.zeros((total, total))
    for i in range(total):
        own = reciprocal(i, k1)
        members = set(own)
        for j in own:
            half = reciprocal(j, round(k1 / 2))
            if len(half & own) > 2 / 3 * len(half):
                members |= half
        members = sorted(members)
        weights = np.exp(-squared[i, members])
        encoding[i, members] = weights / weights.sum()
    if k2 > 1:
        encoding = np.stack([encoding[rank[i, :k2]].mean(axis=0) for i in range(total)])
    shared = np.minimum(encoding[:, None], encoding[None]).sum(axis=2)
    return 1 - shared / (2 - shared)


@pytest.mark.parametrize("k1, k2", [(6, 1), (10, 3), (30, 6)])
def test_against_dense(k1, k2):
    rows = crowd(people=12, pictures=6)
    expected = slow_jaccard(rows, k1, k2)
    found = jaccard_graph(5 * rows, k1, k2, largest=0.62)  # lengths do not matter
    near = expected <= 0.62
    assert 0.02 < near.mean() < 0.5
    stored = sparse.csr_matrix((np.ones_like(found.data), found.indices, found.indptr))
    assert (stored.toarray() == near).all()
    np.testing.assert_allclose(found.toarray()[near], expected[near], atol=1e-6)


def test_twins_are_stored_at_distance_zero():
    encoding = sparse.csr_array(np.array([[0.3, 0.7], [0.3, 0.7]], np.float32))
    graph = near_pairs(encoding, 0.6)
    assert graph.nnz == 4
    np.testing.assert_allclose(graph.data, 0, atol=1e-6)
    assert (graph.diagonal() == 0).all() and (graph.data >= 0).all()


def test_near_pairs_by_hand():
    """Images 0 and 1 share weight 0.5, distance 2 / 3; image 2 shares nothing."""
    encoding = sparse.csr_array(
        np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], np.float32)
    )
    far = near_pairs(encoding, 0.7)
    assert far.nnz == 5 and far[0, 1] == pytest.approx(2 / 3) == far[1, 0]
    assert near_pairs(encoding, 0.6).nnz == 3


def test_fewer_images_than_neighbours_and_none():
    assert jaccard_graph(crowd(1, 3), k1=30, k2=6).shape == (3, 3)
    assert jaccard_graph(crowd(1, 1)).toarray().tolist() == [[0.0]]
    assert jaccard_graph(np.zeros((0, 4), np.float32)).shape == (0, 0)


def test_neighbours_begin_with_the_image_itself():
    rows = crowd(5, 4)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = nearest_neighbours(rows, 3)
    assert found.dtype == np.int32 and (found[:, 0] == np.arange(20)).all()
    expected = np.argsort(-(rows @ rows.T), axis=1)[:, :3]
    assert (found == expected).all()


def test_no_matrix_of_all_against_all():
    """5,000 images with 2.5 MB of embeddings; a float32 matrix would be 100 MB."""
    rows = crowd(people=500, pictures=10, dims=128)
    tracemalloc.start()
    graph = jaccard_graph(rows, k1=12, k2=3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 2**20
    assert graph.nnz < 5000 * 60


@pytest.mark.parametrize("wrong", [dict(k1=0), dict(k2=0), dict(largest=1.0)])
def test_parameters_out_of_range(wrong):
    with pytest.raises(ValueError, match="Jaccard distance needs"):
        jaccard_graph(crowd(2, 3), **wrong)

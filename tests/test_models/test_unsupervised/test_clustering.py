"""Clusters by hand and against the dense formulas of SpCL's code."""

import builtins

import numpy as np
import pytest
from scipy import sparse

from mmpsearch.models.unsupervised.clustering import (
    SelfPacedClustering,
    agreement,
    dbscan,
    keep_reliable,
    outliers_apart,
)


def dense_agreement(labels, others):
    """With (N, N) indicator matrices, as SpCL's code."""
    same = [np.equal.outer(x, x) for x in map(outliers_apart, (labels, others))]
    return np.minimum(*same).sum(axis=1) / np.maximum(*same).sum(axis=1)


def dense_reliable(labels, tight, loose, threshold):
    """SpCL's loop over pictures: dissimilarities, smallest of a cluster."""
    labels = outliers_apart(labels)
    independence = 1 - dense_agreement(labels, loose)
    compactness = 1 - dense_agreement(labels, tight)
    names, sizes = np.unique(labels, return_counts=True)
    best_i = {c: independence[labels == c].min() for c in names}
    best_c = {c: compactness[labels == c].min() for c in names}
    if threshold is None:
        rising = np.sort([best_i[c] for c in names[sizes > 1]])
        threshold = rising[min(len(rising) - 1, int(np.round(len(rising) * 0.9)))]
    kept = [
        best_i[c] <= threshold and compactness[i] <= best_c[c]
        for i, c in enumerate(labels)
    ]
    return np.array(kept), threshold


def graph_of(points, largest):
    """Sparse distances of points on a line, those up to ``largest``."""
    table = np.abs(np.subtract.outer(points, points))
    rows, columns = np.nonzero(table <= largest)
    entries = table[rows, columns], (rows, columns)
    return sparse.csr_matrix(entries, shape=table.shape)


def test_pairs_that_are_not_stored_are_far():
    """Two groups, a twin pair at distance 0, and one point alone."""
    points = np.array([0.0, 0.1, 0.2, 5.0, 5.0, 5.1, 9.0])
    labels = dbscan(graph_of(points, 0.5), eps=0.15, min_samples=2)
    assert labels.tolist() == [0, 0, 0, 1, 1, 1, -1]
    labels = dbscan(graph_of(points, 0.5), eps=0.15, min_samples=3)
    assert labels.tolist() == [0, 0, 0, 1, 1, 1, -1]
    labels = dbscan(graph_of(points, 0.5), eps=0.05, min_samples=2)
    assert labels.tolist() == [-1, -1, -1, 0, 0, -1, -1]


def test_agreement_by_hand():
    """The cluster {0, 1, 2} loses 2; {3, 4} gains 5; 6 stays alone."""
    labels = np.array([0, 0, 0, 1, 1, -1, -1])
    others = np.array([4, 4, -1, 7, 7, 7, -1])
    expected = [2 / 3, 2 / 3, 1 / 3, 2 / 3, 2 / 3, 1 / 3, 1]
    assert agreement(labels, others) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_agreement_against_dense(seed):
    labels, others = np.random.default_rng(seed).integers(-1, 6, (2, 40))
    np.testing.assert_allclose(
        agreement(labels, others), dense_agreement(labels, others)
    )


def test_outliers_become_classes_behind_the_clusters():
    assert outliers_apart(np.array([-1, 1, 0, -1])).tolist() == [2, 1, 0, 3]
    assert outliers_apart(np.array([-1, -1])).tolist() == [0, 1]


def test_reliability_by_hand():
    """Cluster 1 merges when loose; 2 of cluster 0 leaves when tight."""
    labels = np.array([0, 0, 0, 1, 1, 2, 2, -1])
    loose = np.array([0, 0, 0, 1, 1, 2, 2, 1])
    tight = np.array([0, 0, -1, 1, 1, 2, 2, -1])
    found = keep_reliable(labels, tight, loose, least_independence=0.9)
    assert found.labels.tolist() == [0, 0, -1, -1, -1, 1, 1, -1]
    assert (found.num_clusters, found.num_found, found.num_outliers) == (2, 3, 4)
    first = keep_reliable(labels, tight, loose)  # 90 % of 3 clusters: all of them
    assert first.least_independence == pytest.approx(2 / 3)
    assert first.labels.tolist() == [0, 0, -1, 1, 1, 2, 2, -1]


@pytest.mark.parametrize("seed", range(8))
def test_reliability_against_spcls_loop(seed):
    generator = np.random.default_rng(seed)
    labels = generator.integers(-1, 15, 80)
    labels = np.where(labels < 0, -1, np.unique(labels, return_inverse=True)[1] - 1)
    changed = [np.where(generator.random(80) < 0.2, 16 + k, labels) for k in (0, 1)]
    for threshold in (None, 0.7):
        found = keep_reliable(labels, *changed, threshold)
        given = None if threshold is None else 1 - threshold
        kept, largest = dense_reliable(labels, *changed, given)
        clustered = labels >= 0
        assert ((found.labels >= 0) == (kept & clustered)).all()
        assert found.least_independence == pytest.approx(1 - largest)


def test_no_cluster_at_all():
    nobody = np.full(5, -1)
    found = keep_reliable(nobody, nobody, nobody)
    assert found.num_clusters == 0 and found.num_outliers == 5
    assert found.least_independence is None
    assert found.labels.tolist() == [-1] * 5


def test_people_are_found():
    """20 people far apart, 8 pictures each, and 10 pictures of nobody."""
    generator = np.random.default_rng(0)
    people = np.repeat(generator.standard_normal((20, 32)), 8, axis=0)
    people += 0.1 * generator.standard_normal(people.shape)
    nobody = generator.standard_normal((10, 32))
    clustering = SelfPacedClustering(k1=10, k2=3)
    found = clustering(np.concatenate([people, nobody]))
    persons = found.labels[:160].reshape(20, 8)
    assert (persons == persons[:, :1]).all()
    assert len(np.unique(persons)) == found.num_clusters == 20
    again = clustering(np.concatenate([people, nobody]), found.least_independence)
    assert (again.labels == found.labels).all()


@pytest.mark.parametrize("missing", ["faiss", "sklearn"])
def test_a_missing_extra_is_named(monkeypatch, missing):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.split(".")[0] == missing:
            raise ImportError(f"No module named {missing!r}")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(
        "mmpsearch.evaluation.functional.jaccard.importlib.import_module",
        lambda name: refuse(name),
    )
    with pytest.raises(ImportError, match=rf"{missing}.*mmpsearch\[cluster\]"):
        SelfPacedClustering(k1=2, k2=1)(np.eye(4, dtype=np.float32))

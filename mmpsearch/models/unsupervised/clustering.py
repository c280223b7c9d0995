"""SpCL's self-paced clusters: DBSCAN, and which of its clusters to believe."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from mmpsearch.evaluation.functional.jaccard import (
    import_for_clustering,
    jaccard_graph,
)

OUTLIER = -1


@dataclass(frozen=True)
class Clusters:
    """What one clustering found.

    Attributes:
        labels: ``(N,)`` int64, clusters from 0, ``OUTLIER`` (-1) for none.
        least_independence: what a cluster's independence had to reach; None until a
            clustering found one.
        num_found: clusters of DBSCAN, before any was disbelieved.
    """

    labels: np.ndarray
    least_independence: float | None
    num_found: int

    @property
    def num_clusters(self) -> int:
        """Number of clusters that were kept."""
        return int(self.labels.max(initial=OUTLIER)) + 1

    @property
    def num_outliers(self) -> int:
        """Number of images without a cluster."""
        return int((self.labels == OUTLIER).sum())


def dbscan(graph: sparse.csr_matrix, eps: float, min_samples: int) -> np.ndarray:
    """Density clusters of a sparse distance graph.

    Args:
        graph: ``(N, N)`` distances; a pair that is not stored is beyond ``eps``.
        eps: largest distance of neighbours.
        min_samples: neighbours, itself included, that make a core point.

    Returns:
        ``(N,)`` int64 labels, -1 for outliers.

    Raises:
        ImportError: scikit-learn is missing; the message names the extra.
    """
    cluster = import_for_clustering("sklearn.cluster")
    neighbors = import_for_clustering("sklearn.neighbors")
    if not graph.shape[0]:
        return np.empty(0, np.int64)
    graph = neighbors.sort_graph_by_row_values(
        graph, copy=True, warn_when_not_sorted=False
    )
    method = cluster.DBSCAN(eps=eps, min_samples=min_samples, metric="precomputed")
    return method.fit(graph).labels_.astype(np.int64)


def agreement(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far every image's cluster is the same in another clustering.

    Args:
        labels: ``(N,)`` int64; an image labelled -1 is alone.
        others: ``(N,)`` of the other clustering.

    Returns:
        ``(N,)`` float64: size of the intersection of the image's two clusters over
        that of their union, in (0, 1].
    """
    _, first, first_sizes = np.unique(
        outliers_apart(labels), return_inverse=True, return_counts=True
    )
    _, second, second_sizes = np.unique(
        outliers_apart(others), return_inverse=True, return_counts=True
    )
    pairs = first * (len(second_sizes) + 1) + second
    _, pair, pair_sizes = np.unique(pairs, return_inverse=True, return_counts=True)
    both = pair_sizes[pair]
    return both / (first_sizes[first] + second_sizes[second] - both)


def outliers_apart(labels: np.ndarray) -> np.ndarray:
    """Labels in which every outlier is a class of its own, behind the clusters.

    Args:
        labels: ``(N,)`` int64, -1 for outliers.

    Returns:
        ``(N,)`` int64, from 0.
    """
    apart = labels.copy()
    alone = np.flatnonzero(labels == OUTLIER)
    apart[alone] = labels.max(initial=OUTLIER) + 1 + np.arange(len(alone))
    return apart


def keep_reliable(
    labels: np.ndarray,
    tight: np.ndarray,
    loose: np.ndarray,
    least_independence: float | None = None,
) -> Clusters:
    """Disband clusters that are not independent, and drop members that are not compact.

    SpCL (NeurIPS 2020), section 3.2. Independence is the agreement with the clustering
    of a larger ``eps``, compactness with that of a smaller. A cluster's independence
    is its members' largest. It stays when it reaches that of the best 90 % of the
    first clustering; of its members those stay whose compactness is the cluster's
    largest. All others become outliers.

    Args:
        labels: ``(N,)`` int64 clusters, -1 for outliers.
        tight: ``(N,)`` of a smaller ``eps``.
        loose: ``(N,)`` of a larger ``eps``.
        least_independence: of the first clustering; None if this is the first.

    Returns:
        The clusters, numbered from 0 in the order of ``labels``.
    """
    num_found = int(labels.max(initial=OUTLIER)) + 1
    clustered = labels != OUTLIER
    members = labels[clustered]
    independence = np.zeros(num_found)
    np.maximum.at(independence, members, agreement(labels, loose)[clustered])
    compactness = agreement(labels, tight)
    largest = np.zeros(num_found)
    np.maximum.at(largest, members, compactness[clustered])
    if least_independence is None and num_found:
        falling = np.sort(independence)[::-1]
        least_independence = float(falling[min(num_found - 1, round(0.9 * num_found))])
    kept = clustered.copy()
    if num_found:
        kept[clustered] = (independence[members] >= least_independence) & (
            compactness[clustered] >= largest[members]
        )
    final = np.full(len(labels), OUTLIER, np.int64)
    final[kept] = np.unique(labels[kept], return_inverse=True)[1]
    return Clusters(final, least_independence, num_found)


@dataclass(frozen=True)
class SelfPacedClustering:
    """SpCL's clustering of embeddings.

    Args:
        k1: neighbours of the k-reciprocal encoding.
        k2: neighbours whose encodings are averaged.
        eps: Jaccard distance of neighbours in DBSCAN.
        gap: the tighter and the looser clustering use ``eps - gap`` and ``eps + gap``.
        min_samples: neighbours that make a core point, itself included.
    """

    k1: int = 30
    k2: int = 6
    eps: float = 0.6
    gap: float = 0.02
    min_samples: int = 4

    def __call__(
        self, embeddings: Any, least_independence: float | None = None
    ) -> Clusters:
        """Cluster ``(N, D)`` embeddings, see :func:`keep_reliable`."""
        graph = jaccard_graph(embeddings, self.k1, self.k2, self.eps + self.gap)
        labels, tight, loose = (
            dbscan(graph, eps, self.min_samples)
            for eps in (self.eps, self.eps - self.gap, self.eps + self.gap)
        )
        return keep_reliable(labels, tight, loose, least_independence)

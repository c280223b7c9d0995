"""The k-reciprocal Jaccard distance of near pairs, for clustering.

What Zhong et al. (CVPR 2017) re-rank with is the distance by which SpCL and its
relatives cluster. Only the pairs that can matter are kept, so that no matrix of all
images against all exists at any time.
"""

import importlib
from types import ModuleType
from typing import Any

import numpy as np
import torch.nn.functional as F
from scipy import sparse

from mmpsearch.evaluation.functional.distance_rows import as_embeddings
from mmpsearch.evaluation.functional.joint_distances import squared_pairs
from mmpsearch.evaluation.functional.k_reciprocal import (
    k_reciprocal_encoding,
    shared_weight,
)


def jaccard_graph(
    embeddings: Any, k1: int = 30, k2: int = 6, largest: float = 0.62
) -> sparse.csr_matrix:
    """Jaccard distances up to ``largest`` among one set of images.

    The weights of equation 7 are of the squared distances of L2-normalised embeddings,
    in [0, 4], as in SpCL's code; :func:`~.re_ranking` divides them by each image's
    largest distance.

    Args:
        embeddings: ``(N, D)``, need not be normalised.
        k1: length of the reciprocal lists. The image itself counts, as in SpCL's code
            (where FAISS finds k1), while in re-ranking it does not.
        k2: neighbours whose encodings are averaged, of the k1 at most; 1 averages
            nothing.
        largest: pairs farther apart are left out.

    Returns:
        ``(N, N)`` float32, symmetric. A stored entry is a distance in [0, largest],
        also where it is 0, as on the diagonal; what is not stored is farther.

    Raises:
        ValueError: parameters out of range, embeddings not finite.
        ImportError: FAISS is missing; the message names the extra.
    """
    if k1 < 1 or k2 < 1 or not 0 <= largest < 1:
        raise ValueError(
            "the Jaccard distance needs k1 >= 1, k2 >= 1 and largest in [0, 1), got "
            f"{k1=}, {k2=}, {largest=}"
        )
    normalised = F.normalize(as_embeddings(embeddings, "embeddings").float(), dim=1)
    if not len(normalised):
        return sparse.csr_matrix((0, 0), dtype=np.float32)
    neighbours = nearest_neighbours(normalised.cpu().numpy(), k1)

    def distance(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return squared_pairs(normalised, rows, columns)

    encoding = k_reciprocal_encoding(neighbours, distance, k1, k2)
    return near_pairs(encoding, largest)


def nearest_neighbours(normalised: np.ndarray, k: int) -> np.ndarray:
    """Exact nearest neighbours by cosine, found by FAISS.

    Args:
        normalised: ``(N, D)`` float32, rows of length 1.
        k: number wanted.

    Returns:
        ``(N, min(k, N))`` int32, nearest first, normally the image itself.
    """
    faiss = import_for_clustering("faiss")
    rows = np.ascontiguousarray(normalised)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    _, neighbours = index.search(rows, min(k, len(rows)))
    return neighbours.astype(np.int32)


def near_pairs(encoding: sparse.csr_array, largest: float) -> sparse.csr_matrix:
    """Jaccard distances up to ``largest`` of k-reciprocal encodings.

    Args:
        encoding: ``(N, N)``, rows sum to 1.
        largest: below 1, the distance of images that share nothing.

    Returns:
        As :func:`jaccard_graph`.
    """
    inverted = encoding.tocsc()
    columns, distances = [], []
    for row in range(encoding.shape[0]):
        shared = shared_weight(encoding, inverted, row)
        near = np.flatnonzero(shared)
        jaccard = (1 - shared[near] / (2 - shared[near])).astype(np.float32)
        jaccard[near == row] = 0  # exactly, whatever the rounding
        kept = jaccard <= largest
        columns.append(near[kept].astype(np.int32))
        distances.append(np.maximum(jaccard[kept], 0))
    bounds = np.cumsum([0, *map(len, columns)])
    flat = [np.concatenate(parts) if parts else [] for parts in (distances, columns)]
    return sparse.csr_matrix((*flat, bounds), shape=encoding.shape)


def import_for_clustering(name: str) -> ModuleType:
    """Import FAISS or scikit-learn, or say which extra brings it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"clustering needs FAISS and scikit-learn, and {name} cannot be imported "
            f"({error}); install both with pip install 'mmpsearch[cluster]'"
        ) from error

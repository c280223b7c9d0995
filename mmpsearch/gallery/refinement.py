"""A query that learns from judged results (Rocchio's relevance feedback).

J. J. Rocchio, "Relevance feedback in information retrieval", in The SMART Retrieval
System, 1971. The query and what was judged the same person count alike, as several
pictures of one person do elsewhere in this package; what was judged another person is
subtracted with a fifth of the weight, the usual ratio of the two (0.15 / 0.75, Manning
et al., Introduction to Information Retrieval, section 9.1.1).
"""

from __future__ import annotations

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import normalise

WEIGHT = 0.2  # of the people who are not meant


def refined_query(
    queries: np.ndarray,
    same: np.ndarray | None = None,
    different: np.ndarray | None = None,
    weight: float = WEIGHT,
) -> np.ndarray:
    """``mean(queries and same) - weight * mean(different)``, of length 1.

    Args:
        queries: (Q, D) pictures of the person, of any length but zero.
        same: (S, D) results that show the person.
        different: (N, D) results that show somebody else.
        weight: Of the latter.

    Returns:
        (D,) float32.

    Raises:
        GalleryError: The pictures cancel each other out.
    """
    wanted = [normalise(queries)] + ([] if same is None else [normalise(same)])
    direction = np.concatenate(wanted).astype(np.float64).mean(axis=0)
    if different is not None and len(different):
        unwanted = normalise(different).astype(np.float64).mean(axis=0)
        direction = direction - weight * unwanted
    if np.linalg.norm(direction) < 1e-6:
        raise GalleryError("the query and the judged results have no direction left")
    return normalise(direction[None])[0]

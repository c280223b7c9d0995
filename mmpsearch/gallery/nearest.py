"""The nearest rows, and FAISS where it is installed."""

from __future__ import annotations

import importlib
from types import ModuleType

import numpy as np

BACKENDS = ("auto", "exact", "faiss")


def import_faiss() -> ModuleType:
    """Import FAISS, or say which extra brings it."""
    try:
        return importlib.import_module("faiss")
    except ImportError as error:
        raise ImportError(
            f"FAISS cannot be imported ({error}); install it with "
            "pip install 'mmpsearch[index]', or search with backend='exact'"
        ) from error


def best_rows(similarities: np.ndarray, wanted: int) -> np.ndarray:
    """The rows of the largest values; of equal ones at the cut the lower rows.

    Args:
        similarities: (N,) float32.
        wanted: Number of rows, at most N.

    Returns:
        (wanted,) int64, rising.
    """
    if wanted >= len(similarities):
        return np.arange(len(similarities))
    kth = np.partition(similarities, -wanted)[-wanted]
    better = np.flatnonzero(similarities > kth)
    equal = np.flatnonzero(similarities == kth)[: wanted - len(better)]
    return np.sort(np.concatenate([better, equal]))

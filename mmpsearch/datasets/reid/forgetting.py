"""Which unlabelled crops are worth pre-training on (TransReID-SSL's CFS)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmpsearch.utils.atomic import replace_when_done


def forgetting_scores(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Catastrophic-forgetting score: cosine of a crop's two features.

    High where supervised fine-tuning moved the feature little: such crops are close to
    the re-identification sets, and are kept first. TransReID-SSL publishes the two
    models and the sorted list, not the formula: the cosine is our reading.

    Args:
        before: (N, D) class tokens of the self-supervised model.
        after: (N, D) of the same model, fine-tuned with labels.

    Returns:
        (N,) float32 in [-1, 1]; 0 where a feature is zero.
    """
    before, after = before.astype(np.float64), after.astype(np.float64)
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    products = np.einsum("nd,nd->n", before, after)
    return np.divide(
        products, lengths, out=np.zeros_like(products), where=lengths > 0
    ).astype(np.float32)


def write_ranked_list(path: Path, names: Sequence[str], scores: np.ndarray) -> None:
    """A list of ``name,score``, the highest score first; ties by name.

    :class:`~mmpsearch.datasets.LUPerson` reads it with ``choice='first'``.
    """
    order = np.lexsort((np.array(names), -scores))
    lines = (f"{names[i]},{scores[i]:.6f}\n" for i in order)
    with replace_when_done(path) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")

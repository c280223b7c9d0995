"""Average query expansion."""

from typing import Any

import torch
import torch.nn.functional as F

from mmpsearch.evaluation.functional.distance_rows import (
    EmbeddingRows,
    as_embeddings,
    smallest_per_row,
)


def average_query_expansion(
    query_embeddings: Any,
    gallery_embeddings: Any,
    k: int = 5,
    alpha: float = 3.0,
    times: int = 1,
    block_size: int | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Replace every embedding by a weighted mean of its nearest neighbours.

    Queries and gallery are pooled; the ``k`` most similar embeddings of the pool (an
    embedding is its own nearest neighbour) are averaged with weights ``cos ** alpha``
    (Radenovic et al., TPAMI 2019, section 3.3). Negative similarities get weight 0
    instead of a power of a negative number.

    Args:
        query_embeddings: ``(Q, D)`` floats, need not be normalised.
        gallery_embeddings: ``(G, D)``.
        k: neighbours, the embedding itself included; 1 changes nothing but the norm.
        alpha: weight exponent; 0 is the plain mean.
        times: repetitions, each on the result of the one before.
        block_size: rows of the similarity matrix held at once (default 128 MiB).

    Returns:
        Query and gallery embeddings ``(Q, D)`` and ``(G, D)``, L2-normalised tensors
        on the device of ``query_embeddings``.

    Raises:
        ValueError: embeddings that are empty, not finite, or of differing widths; a
            ``k`` or ``times`` below 1.
    """
    if k < 1 or times < 1:
        raise ValueError(f"k and times must be at least 1, got {k=} and {times=}")
    query = as_embeddings(query_embeddings, "query_embeddings")
    gallery = as_embeddings(gallery_embeddings, "gallery_embeddings")
    if not len(query) or query.shape[1] != gallery.shape[1]:
        raise ValueError(
            "query_embeddings and gallery_embeddings must be (Q > 0, D) and (G, D), "
            f"got {tuple(query.shape)} and {tuple(gallery.shape)}"
        )
    pool = F.normalize(torch.cat([query, gallery.to(query)]), dim=1)
    for _ in range(times):
        pool = F.normalize(_expand(pool, k, alpha, block_size), dim=1)
    return pool[: len(query)], pool[len(query) :]


def _expand(
    pool: torch.Tensor, k: int, alpha: float, block_size: int | None
) -> torch.Tensor:
    expanded = torch.empty_like(pool)
    for start, block in EmbeddingRows(pool, pool, "cosine").blocks(block_size):
        nearest, distances = smallest_per_row(block, min(k, len(pool)))
        weights = torch.from_numpy(1 - distances).to(pool).clamp_(min=0) ** alpha
        total = torch.zeros_like(pool[start : start + len(block)])
        for column in range(weights.shape[1]):  # one neighbour of each row at a time
            neighbours = torch.from_numpy(nearest[:, column]).to(pool.device)
            total += weights[:, column, None] * pool[neighbours]
        expanded[start : start + len(block)] = total
    return expanded

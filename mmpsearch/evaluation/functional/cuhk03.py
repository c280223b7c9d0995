"""Single-gallery-shot evaluation of CUHK03's classic protocol, in closed form.

The protocol (Li et al., CVPR 2014) keeps one random gallery image per identity, ranks
those and averages the CMC over repetitions. The expectation needs no repetition: for
a query and one of its matches, every other identity independently shows an image that
is nearer with probability (its images nearer than the match) / (its images). The
number of identities ahead is Poisson-binomial, and the CMC its distribution function.
"""

from typing import Any

import numpy as np

from mmpsearch.evaluation.functional.distance_rows import Metric, distance_rows
from mmpsearch.evaluation.functional.identity_pairs import IdentityPairs
from mmpsearch.evaluation.functional.rank import (
    RankMetrics,
    match_ranks,
    summarise_ranks,
)


def cuhk03_metrics(
    distances: Any,
    query_ids: Any,
    gallery_ids: Any,
    query_cameras: Any = None,
    gallery_cameras: Any = None,
    max_rank: int = 50,
    *,
    metric: Metric = "cosine",
    block_size: int | None = None,
) -> RankMetrics:
    """Expected single-gallery-shot CMC; mAP and mINP over the full ranking.

    Args and errors are those of :func:`~.rank.rank_metrics`. Images of the query's
    identity and camera take no part; equal distances rank by gallery index. What
    toolboxes report as CMC is a random estimate of this one from 10 or 100 draws;
    their mAP is that of the full gallery, as here.

    Returns:
        :class:`~.rank.RankMetrics`; ``cmc`` has ``max_rank`` entries and reaches 1 at
        the number of gallery identities.
    """
    pairs = IdentityPairs(query_ids, gallery_ids, query_cameras, gallery_cameras)
    rows = distance_rows(distances, metric)
    found = match_ranks(rows, pairs, block_size=block_size)
    summary = summarise_ranks(found, max_rank)
    identity = np.unique(pairs.gallery_ids, return_inverse=True)[1]
    total = np.zeros(max_rank)
    for start, block in rows.blocks(block_size):
        for query, row in enumerate(block, start):
            matches, left_out = pairs.of_query(query)
            if len(matches):
                total += _expected_cmc(row, matches, left_out, identity, max_rank)
    return summary._replace(cmc=total / summary.num_valid_queries)


def _expected_cmc(
    row: np.ndarray,
    matches: np.ndarray,
    left_out: np.ndarray,
    identity: np.ndarray,
    max_rank: int,
) -> np.ndarray:
    """Chance of a match within each rank, one random image per identity.

    Args:
        row: ``(G,)`` distances.
        matches: gallery indices, not empty.
        left_out: gallery indices that take no part.
        identity: ``(G,)`` gallery identities, numbered from 0.

    Returns:
        ``(max_rank,)``.
    """
    num_identities = identity.max() + 1
    order = np.argsort(row, kind="stable")
    position = np.empty(len(row), np.int64)
    position[order] = np.arange(len(row))
    other = np.ones(len(row), bool)
    other[matches] = other[left_out] = False
    ordered = identity[order][other[order]]  # identities of the others, nearest first
    before = np.searchsorted(position[order][other[order]], position[matches])
    ahead = np.stack(
        [np.bincount(ordered[:n], minlength=num_identities) for n in before]
    )
    images = np.bincount(ordered, minlength=num_identities)
    chance = (ahead / np.maximum(images, 1))[:, ahead.any(axis=0)]
    # pmf[m, n]: chance that n identities are ahead of match m, for n < max_rank.
    pmf = np.zeros((len(matches), max_rank))
    pmf[:, 0] = 1
    for p in chance.T[:, :, None]:
        shifted = pmf[:, :-1] * p
        pmf *= 1 - p
        pmf[:, 1:] += shifted
    return np.cumsum(pmf, axis=1).mean(axis=0)

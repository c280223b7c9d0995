"""Ranking metrics of person re-identification: mAP, CMC and mINP.

Protocol of Market-1501 (Zheng et al., ICCV 2015) as the field runs it: a query's
ranking leaves out gallery images of the same identity and camera, queries without a
remaining match count nowhere, and average precision is the mean over matches of
(matches so far) / rank. mINP is from AGW (Ye et al., TPAMI 2021, equation 3).

No list is sorted in full. The rank of a match needs only the distances that are not
above the query's farthest match; those are sorted by value and each match is looked
up by binary search. Equal distances rank in the order of the gallery index.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from mmpsearch.evaluation.functional.distance_rows import Metric, distance_rows
from mmpsearch.evaluation.functional.identity_pairs import IdentityPairs

Ties = Literal["stable", "optimistic", "pessimistic"]


class RankMetrics(NamedTuple):
    """Result of :func:`rank_metrics` and ``cuhk03_metrics``.

    Attributes:
        mAP: mean average precision over valid queries, in [0, 1].
        cmc: ``(max_rank,)`` float64; ``cmc[k]`` is the share of valid queries with a
            match among the first ``k + 1``. Past the end of a short gallery it keeps
            its last value.
        mINP: mean inverse negative penalty, in [0, 1].
        num_valid_queries: queries that have at least one match.
    """

    mAP: float
    cmc: np.ndarray
    mINP: float
    num_valid_queries: int


class MatchRanks(NamedTuple):
    """Ranks of all matches, flat.

    Attributes:
        ranks: ``(T,)`` int64, from 1, ascending within a query.
        offsets: ``(Q + 1,)`` int64; query ``i`` owns
            ``ranks[offsets[i]:offsets[i + 1]]``, which is empty when it has no match.
    """

    ranks: np.ndarray
    offsets: np.ndarray


def rank_metrics(
    distances: Any,
    query_ids: Any,
    gallery_ids: Any,
    query_cameras: Any = None,
    gallery_cameras: Any = None,
    max_rank: int = 50,
    *,
    metric: Metric = "cosine",
    ties: Ties = "stable",
    ap_depth: int | None = None,
    block_size: int | None = None,
) -> RankMetrics:
    """mAP, CMC and mINP of a gallery ranked for each query.

    Args:
        distances: ``(Q, G)`` matrix, smaller is more alike; or a pair
            ``(query_embeddings (Q, D), gallery_embeddings (G, D))``, whose distances
            are computed in blocks so that the matrix never exists as a whole; or a
            :class:`~.distance_rows.DistanceRows`.
        query_ids: ``(Q,)`` integers.
        gallery_ids: ``(G,)`` integers.
        query_cameras: ``(Q,)`` integers, negative for unknown; None (together with
            ``gallery_cameras``) ranks without removing same-camera images.
        gallery_cameras: ``(G,)`` integers.
        max_rank: length of the CMC.
        metric: distance between embeddings.
        ties: order of equal distances: ``stable`` by gallery index, or matches first
            (``optimistic``) or last (``pessimistic``), which bound what any other
            order gives. A network whose features collapse scores high only under
            ``optimistic``.
        ap_depth: let matches beyond this rank add nothing to the average precision,
            as BDB's evaluation does at 50; lower than, and not comparable with, the
            full one.
        block_size: queries per block; by default about 128 MiB of distances.

    Returns:
        :class:`RankMetrics`, a tuple ``(mAP, cmc, mINP, num_valid_queries)``.

    Raises:
        ValueError: inputs that do not fit together, are empty or contain NaN, or when
            no query has a match.
    """
    if max_rank < 1:
        raise ValueError(f"max_rank must be at least 1, got {max_rank}")
    pairs = IdentityPairs(query_ids, gallery_ids, query_cameras, gallery_cameras)
    found = match_ranks(
        distances, pairs, metric=metric, ties=ties, block_size=block_size
    )
    return summarise_ranks(found, max_rank, ap_depth)


def match_ranks(
    distances: Any,
    pairs: IdentityPairs,
    *,
    metric: Metric = "cosine",
    ties: Ties = "stable",
    block_size: int | None = None,
) -> MatchRanks:
    """Rank of every match in its query's ranking; see :func:`rank_metrics`."""
    if ties not in ("stable", "optimistic", "pessimistic"):
        raise ValueError(
            f"ties must be 'stable', 'optimistic' or 'pessimistic', got {ties!r}"
        )
    rows = distance_rows(distances, metric)
    pairs.check_shape(rows.shape)
    found = []
    for start, block in rows.blocks(block_size):
        for query, row in enumerate(block, start):
            found.append(_ranks_in_row(row, *pairs.of_query(query), ties))
    offsets = np.cumsum([0] + [len(ranks) for ranks in found])
    return MatchRanks(np.concatenate(found), offsets)


def _ranks_in_row(
    row: np.ndarray, matches: np.ndarray, left_out: np.ndarray, ties: Ties
) -> np.ndarray:
    """Ascending ranks (from 1) of ``matches`` in ``row`` without ``left_out``."""
    if not len(matches):
        return np.empty(0, np.int64)
    order = np.argsort(row[matches], kind="stable")
    wanted = row[matches][order]
    kept = row <= wanted[-1]
    kept[left_out] = False
    values = row[kept]
    values.sort()
    below = np.searchsorted(values, wanted, side="left")
    up_to = np.searchsorted(values, wanted, side="right")
    if ties == "optimistic":
        others = below - np.searchsorted(wanted, wanted, side="left")
        return others + np.arange(1, len(wanted) + 1)
    if ties == "pessimistic":
        others = up_to - np.searchsorted(wanted, wanted, side="right")
        return others + np.arange(1, len(wanted) + 1)
    tied = up_to - below > 1
    if tied.any():
        for value in np.unique(wanted[tied]):
            equal = np.flatnonzero(kept & (row == value))
            same = wanted == value
            below[same] += np.searchsorted(equal, matches[order[same]])
    return below + 1


def average_precisions(found: MatchRanks, depth: int | None = None) -> np.ndarray:
    """Average precision per query, ``(Q,)`` float64, NaN where there is no match.

    ``depth`` is ``ap_depth`` of :func:`rank_metrics`.
    """
    counts = np.diff(found.offsets)
    query = np.repeat(np.arange(len(counts)), counts)
    so_far = np.arange(1, len(query) + 1) - found.offsets[query]
    precision = so_far / found.ranks
    if depth is not None:
        precision = precision * (found.ranks <= depth)
    total = np.bincount(query, precision, minlength=len(counts))
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


def inverse_negative_penalties(found: MatchRanks) -> np.ndarray:
    """Matches / rank of the last match, ``(Q,)`` float64, NaN without match."""
    counts = np.diff(found.offsets)
    penalties = np.full(len(counts), np.nan)
    valid = counts > 0
    penalties[valid] = counts[valid] / found.ranks[found.offsets[1:][valid] - 1]
    return penalties


def summarise_ranks(
    found: MatchRanks, max_rank: int = 50, ap_depth: int | None = None
) -> RankMetrics:
    """Means over the queries that have a match.

    Raises:
        ValueError: when there is none.
    """
    valid = np.diff(found.offsets) > 0
    num_valid = int(valid.sum())
    if not num_valid:
        raise ValueError(
            f"none of the {len(valid)} queries has a match in the gallery: no shared "
            "identity, or every match is in the query's own camera; check the ids and "
            "cameras of both splits"
        )
    first = found.ranks[found.offsets[:-1][valid]]
    hits = np.bincount(np.minimum(first - 1, max_rank), minlength=max_rank + 1)
    return RankMetrics(
        mAP=float(average_precisions(found, ap_depth)[valid].mean()),
        cmc=np.cumsum(hits[:max_rank]) / num_valid,
        mINP=float(inverse_negative_penalties(found)[valid].mean()),
        num_valid_queries=num_valid,
    )

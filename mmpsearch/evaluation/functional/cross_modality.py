"""Ranking metrics of SYSU-MM01, for one gallery or many.

Protocol (Wu et al., ICCV 2017), as both its MATLAB and its Python evaluations run it:
a query of camera 3 does not see gallery pictures of camera 2, which looks at the same
place, and nothing else is removed. The CMC ranks *identities*, each by its nearest
picture; mAP and mINP rank pictures. Queries without a picture of their identity count
nowhere.

The galleries of all trials are parts of one set of candidates. Distances to these are
computed once, a few queries at a time; no query is handled alone except those with
tied distances.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from mmpsearch.evaluation.functional.distance_rows import Metric, distance_rows
from mmpsearch.evaluation.functional.identity_pairs import IdentityPairs
from mmpsearch.evaluation.functional.rank import RankMetrics

BLIND_CAMERA, HIDDEN_CAMERA = 3, 2
BLOCK_BYTES = 16 * 2**20  # a block and its parts stay in the processor's cache


def sysu_mm01_metrics(
    distances: Any,
    query_ids: Any,
    gallery_ids: Any,
    query_cameras: Any,
    gallery_cameras: Any,
    max_rank: int = 20,
    *,
    metric: Metric = "cosine",
    galleries: Sequence[np.ndarray] | None = None,
    block_size: int | None = None,
) -> list[RankMetrics]:
    """Identity-level CMC, mAP and mINP of every gallery.

    Args:
        distances: ``(Q, N)`` matrix, smaller is more alike; or a pair
            ``(query_embeddings (Q, D), candidate_embeddings (N, D))``; or a
            :class:`~.distance_rows.DistanceRows`.
        query_ids: ``(Q,)`` integers.
        gallery_ids: ``(N,)`` integers of the candidates.
        query_cameras: ``(Q,)`` official camera numbers, from 1.
        gallery_cameras: ``(N,)`` official camera numbers, from 1.
        max_rank: length of the CMC. Past the last identity it keeps its value.
        metric: distance between embeddings.
        galleries: candidates of each gallery, ``(G,)`` indices, as
            :func:`~.cross_modality_galleries.python_galleries` gives them. None: one
            gallery of all candidates.
        block_size: queries per block; by default about 16 MiB of distances.

    Returns:
        One :class:`~.rank.RankMetrics` per gallery. Equal distances rank in the
        gallery's order.

    Raises:
        ValueError: inputs that do not fit together, are empty or not finite, or a
            gallery without a match for any query.
    """
    if max_rank < 1:
        raise ValueError(f"max_rank must be at least 1, got {max_rank}")
    labels = IdentityPairs(query_ids, gallery_ids, query_cameras, gallery_cameras)
    rows = distance_rows(distances, metric)
    labels.check_shape(rows.shape)
    if galleries is None:
        galleries = [np.arange(rows.shape[1])]
    parts = [_Gallery.of(np.asarray(g), labels) for g in galleries]
    blind = labels.query_cameras == BLIND_CAMERA
    hidden = np.flatnonzero(labels.gallery_cameras == HIDDEN_CAMERA)
    if block_size is None:
        block_size = max(1, BLOCK_BYTES // (rows.shape[1] * rows.itemsize))
    scores = np.full((len(parts), 3, rows.shape[0]), np.nan)
    for start, block in rows.blocks(block_size):
        if not np.isfinite(block).all():
            raise ValueError("distances contains infinity; look for a diverged model")
        stop = start + len(block)
        block = np.array(block, copy=True)
        block[np.ix_(np.flatnonzero(blind[start:stop]), hidden)] = np.inf
        for part, own in zip(parts, scores, strict=True):
            part.score(block, own[:, start:stop], slice(start, stop))
    return [_summary(own, max_rank) for own in scores]


def mean_over_trials(trials: Sequence[RankMetrics]) -> RankMetrics:
    """Mean of mAP, CMC and mINP; ``num_valid_queries`` is the least of a trial."""
    return RankMetrics(
        mAP=float(np.mean([trial.mAP for trial in trials])),
        cmc=np.mean([trial.cmc for trial in trials], axis=0),
        mINP=float(np.mean([trial.mINP for trial in trials])),
        num_valid_queries=min(trial.num_valid_queries for trial in trials),
    )


class _Gallery(NamedTuple):
    """A gallery, laid out by identity.

    Attributes:
        columns: ``(G,)`` candidates, identity after identity.
        starts: ``(I,)`` where each identity begins in ``columns``.
        identity_of: ``(Q,)`` number of every query's identity, -1 if it is not there.
        pictures: ``(I, R)`` columns of every identity, repeated up to R ...
        is_padding: ``(I, R)`` ... where this is True.
        order: ``(G,)`` place of each column in the gallery as given.
    """

    columns: np.ndarray
    starts: np.ndarray
    identity_of: np.ndarray
    pictures: np.ndarray
    is_padding: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, gallery: np.ndarray, labels: IdentityPairs) -> "_Gallery":
        ids = labels.gallery_ids[gallery]
        order = np.argsort(ids, kind="stable")
        identities, starts = np.unique(ids[order], return_index=True)
        if not len(identities):
            raise ValueError("a gallery is empty; check its cameras and the data set")
        counts = np.diff(starts, append=len(ids))
        steps = np.arange(counts.max())
        is_padding = steps >= counts[:, None]
        pictures = starts[:, None] + np.where(is_padding, 0, steps)
        place = np.minimum(
            np.searchsorted(identities, labels.query_ids), len(identities) - 1
        )
        found = identities[place] == labels.query_ids
        identity_of = np.where(found, place, -1)
        return cls(gallery[order], starts, identity_of, pictures, is_padding, order)

    def score(self, block: np.ndarray, out: np.ndarray, queries: slice) -> None:
        """Write identity rank (from 0), AP and INP of some queries.

        Args:
            block: ``(B, N)`` distances of the candidates, infinite where removed.
            out: ``(3, B)``; columns of queries without a match are left alone.
            queries: Which the block's rows are.
        """
        own = self.identity_of[queries]
        known = np.flatnonzero(own >= 0)
        own = own[known]
        if len(known) < len(block):
            block = block[known]
        distances = np.take(block, self.columns, axis=1)
        nearest = np.minimum.reduceat(distances, self.starts, axis=1)
        best = np.take_along_axis(nearest, own[:, None], 1)
        wanted = np.take_along_axis(distances, self.pictures[own], 1)
        wanted[self.is_padding[own]] = np.inf
        wanted.sort(axis=1)
        matches = np.isfinite(wanted)
        counts = matches.sum(axis=1)
        ordered = np.sort(distances, axis=1)
        below = torch.searchsorted(
            torch.from_numpy(ordered), torch.from_numpy(wanted)
        ).numpy()
        ranks = np.where(matches, below + 1.0, np.inf)
        precision = np.arange(1, wanted.shape[1] + 1) / ranks
        valid = counts > 0
        last = below[np.arange(len(below)), np.maximum(counts, 1) - 1] + 1
        divisor = np.maximum(counts, 1)
        scores = np.stack(
            [(nearest < best).sum(1), precision.sum(1) / divisor, counts / last]
        )
        out[:, known[valid]] = scores[:, valid]
        following = np.minimum(below + 1, ordered.shape[1] - 1)
        equal = np.take_along_axis(ordered, following, 1) == wanted
        tied = (equal & matches & (following > below)).any(axis=1)
        for row in np.flatnonzero(tied & valid):
            out[:, known[row]] = self._score_tied(distances[row], own[row])

    def _score_tied(self, row: np.ndarray, own: int) -> tuple[float, float, float]:
        """The same of one query, equal distances in the gallery's order."""
        ranking = np.lexsort((self.order, row))
        ranking = ranking[np.isfinite(row[ranking])]
        identity = np.searchsorted(self.starts, ranking, side="right") - 1
        ranks = np.flatnonzero(identity == own) + 1
        ahead = len(np.unique(identity[: ranks[0] - 1]))
        precision = np.arange(1, len(ranks) + 1) / ranks
        return ahead, precision.mean(), len(ranks) / ranks[-1]


def _summary(scores: np.ndarray, max_rank: int) -> RankMetrics:
    """Means over the valid queries of ``(3, Q)`` scores, NaN where invalid."""
    scores = scores[:, ~np.isnan(scores[0])]
    if not scores.shape[1]:
        raise ValueError(
            "no query has a match in a gallery: no shared identity among the cameras "
            "of the gallery; check the ids and cameras of both splits"
        )
    first = np.minimum(scores[0].astype(np.int64), max_rank)
    hits = np.bincount(first, minlength=max_rank + 1)[:max_rank]
    return RankMetrics(
        mAP=float(scores[1].mean()),
        cmc=np.cumsum(hits) / scores.shape[1],
        mINP=float(scores[2].mean()),
        num_valid_queries=scores.shape[1],
    )

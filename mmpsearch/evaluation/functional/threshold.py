"""From which distance on two pictures show different people.

A threshold is calibrated on labelled pairs so that inference can answer "unknown"
instead of naming the nearest gallery image whatever its distance.
"""

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from mmpsearch.evaluation.functional.distance_rows import Metric, distance_rows
from mmpsearch.evaluation.functional.identity_pairs import IdentityPairs

ROC_RATES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


class OperatingPoint(NamedTuple):
    """One point of the ROC curve: pairs with ``distance <= threshold`` are accepted.

    Attributes:
        threshold: a distance.
        false_accept_rate: share of different-person pairs that are accepted.
        true_accept_rate: share of same-person pairs that are accepted.
    """

    threshold: float
    false_accept_rate: float
    true_accept_rate: float


class SamePersonThreshold(NamedTuple):
    """Result of :func:`same_person_threshold`.

    Attributes:
        threshold: accept a pair as the same person when its distance is not above.
        false_accept_rate: reached on the given pairs, at most what was asked for.
        true_accept_rate: share of same-person pairs accepted.
        roc: operating points at the rates ``roc_rates``, in that order.
        num_same: same-person pairs (or queries, with ``per="query"``).
        num_different: different-person pairs (or queries).
    """

    threshold: float
    false_accept_rate: float
    true_accept_rate: float
    roc: list[OperatingPoint]
    num_same: int
    num_different: int


def same_person_threshold(
    distances: Any,
    query_ids: Any,
    gallery_ids: Any,
    query_cameras: Any = None,
    gallery_cameras: Any = None,
    false_accept_rate: float = 1e-3,
    *,
    roc_rates: tuple[float, ...] = ROC_RATES,
    per: Literal["pair", "query"] = "pair",
    metric: Metric = "cosine",
    block_size: int | None = None,
) -> SamePersonThreshold:
    """The distance at which a chosen share of different people is taken for the same.

    All query-gallery pairs count but those of the same identity and camera. Of the
    different people only the nearest pairs, as many as the largest rate admits, are
    kept: a tenth of the distances at a rate of 0.1.

    Args:
        distances: ``(Q, G)`` matrix, pair of embedding arrays, or DistanceRows, as in
            :func:`~.rank.rank_metrics`.
        query_ids, gallery_ids, query_cameras, gallery_cameras: as there.
        false_accept_rate: in [0, 1]; the threshold is the largest observed distance
            at which no larger share of different-person pairs is accepted.
        roc_rates: false-accept rates of the returned ROC points.
        per: ``pair`` is verification ("are these two the same?"). ``query`` is search:
            a query counts as falsely accepted when its *nearest* different person is,
            and as truly accepted when its nearest match is; use it to answer
            "unknown" for a gallery about as large as this one.
        metric: distance between embeddings. Use the one inference will use.
        block_size: queries per block.

    Raises:
        ValueError: a rate outside [0, 1], an unknown ``per``, no same-person or no
            different-person pair, too few of the latter to tell the rate from zero
            (fewer than 1 / rate; ROC points are given all the same), or inputs that
            ``rank_metrics`` would refuse.
    """
    rates = [false_accept_rate, *roc_rates]
    if not all(0 <= rate <= 1 for rate in rates):
        raise ValueError(f"false accept rates must lie in [0, 1], got {rates}")
    if per not in ("pair", "query"):
        raise ValueError(f"per must be 'pair' or 'query', got {per!r}")
    pairs = IdentityPairs(query_ids, gallery_ids, query_cameras, gallery_cameras)
    rows = distance_rows(distances, metric)
    pairs.check_shape(rows.shape)
    split = [pairs.of_query(query) for query in range(rows.shape[0])]
    different_counts = np.array([rows.shape[1] - len(m) - len(o) for m, o in split])
    if per == "pair":
        num_different = int(different_counts.sum())
    else:
        num_different = int((different_counts > 0).sum())
    smallest = _Smallest(_allowed(max(rates), num_different) + 1)
    same = []
    for start, block in rows.blocks(block_size):
        others = np.ones(block.shape, bool)
        for local, row in enumerate(block):
            matches, left_out = split[start + local]
            others[local, matches] = others[local, left_out] = False
            same.append(row[matches])
        if per == "query":
            nearest = np.where(others, block, np.inf).min(axis=1)
            smallest.add(nearest[others.any(axis=1)])
        else:
            smallest.add(block[others])
    if per == "query":
        same = [row.min(keepdims=True) for row in same if len(row)]
    same = np.sort(np.concatenate(same))
    if not len(same) or not num_different:
        raise ValueError(
            f"calibration needs both kinds of pairs, got {len(same)} of the same and "
            f"{num_different} of different people; check the ids and cameras"
        )
    if 0 < false_accept_rate * num_different * (1 + 1e-12) < 1:
        raise ValueError(
            f"{num_different} pairs of different people cannot show a false-accept "
            f"rate of {false_accept_rate:g}; at least "
            f"{math.ceil(1 / false_accept_rate - 1e-9)} are needed"
        )
    different = smallest.ascending()
    chosen, *roc = [_point(same, different, num_different, rate) for rate in rates]
    return SamePersonThreshold(*chosen, roc, len(same), num_different)


def _allowed(rate: float, num_different: int) -> int:
    """How many of ``num_different`` may be accepted; 0.29 of 100 is 29, not 28."""
    return math.floor(rate * num_different * (1 + 1e-12))


def _point(
    same: np.ndarray, different: np.ndarray, num_different: int, rate: float
) -> OperatingPoint:
    """Largest observed distance that keeps to ``rate``.

    Args:
        same: all same-person distances, ascending.
        different: smallest different-person distances, ascending.
        num_different: of how many.
    """
    allowed = _allowed(rate, num_different)
    if allowed < num_different:
        limit = different[allowed]  # the first that must be refused
        true = np.searchsorted(same, limit, side="left")
        false = np.searchsorted(different, limit, side="left")
    else:
        true, false = len(same), num_different
    observed = [*same[:true][-1:], *different[:false][-1:]]
    threshold = max(observed) if observed else np.nextafter(limit, -np.inf)
    return OperatingPoint(
        float(threshold), float(false / num_different), float(true / len(same))
    )


class _Smallest:
    """The ``size`` smallest of a stream of numbers, in memory of about three times."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: list[np.ndarray] = []
        self._limit = None
        self._count = 0

    def add(self, values: np.ndarray) -> None:
        if self._limit is not None:
            values = values[values < self._limit]
        self._kept.append(values)
        self._count += len(values)
        if self._count > 1.5 * self._size:
            pool = np.concatenate(self._kept)
            self._kept = []
            pool.partition(self._size - 1)
            self._limit = pool[self._size - 1]
            self._kept, self._count = [pool[: self._size].copy()], self._size

    def ascending(self) -> np.ndarray:
        pool = np.concatenate(self._kept)
        self._kept = []
        pool.sort()
        return pool[: self._size]

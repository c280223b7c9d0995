"""From a store's candidates to an exact ranking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import normalise
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import Records, check_embeddings
from mmpsearch.gallery.search_result import Match, SearchResult, known
from mmpsearch.gallery.store import Store

# Candidates that are compared exactly for each match wanted.
SPARE = 8
GROUPS = ("image", "track")


def check_queries(embeddings: np.ndarray, dimension: int | None) -> np.ndarray:
    """(Q, D) float32, L2-normalised.

    Args:
        embeddings: (Q, D) or (D,), of any length but zero, however tiny or huge.
        dimension: D of the gallery; None when it is empty.

    Raises:
        GalleryError: Another shape or length, zeros, or not finite.
    """
    array = np.asarray(embeddings)
    queries = check_embeddings(array[None] if array.ndim == 1 else array)
    if len(queries) and dimension not in (None, queries.shape[1]):
        raise GalleryError(
            f"embeddings of length {queries.shape[1]} do not fit the gallery's "
            f"length {dimension}"
        )
    if not queries.any(axis=1).all():
        raise GalleryError("a query embedding of zeros has no direction")
    return normalise(queries)


def mean_query(queries: np.ndarray) -> np.ndarray:
    """(1, D): the direction between several pictures of one person.

    Raises:
        GalleryError: The pictures cancel each other out.
    """
    mean = queries.astype(np.float64).mean(axis=0, keepdims=True)
    if np.linalg.norm(mean) < 1e-6:
        raise GalleryError("the query pictures have no direction in common")
    return normalise(mean)


def search(
    store: Store,
    queries: np.ndarray,
    top_k: int,
    threshold: float | None,
    where: Where,
    one_per: str | None,
) -> SearchResult:
    """Rank the gallery for one person.

    Args:
        store: Where the records are.
        queries: (Q, D) pictures of the person, normalised; the most similar one
            counts.
        top_k: Matches wanted.
        threshold: Similarity that a match must reach; None: any.
        where: Who is compared.
        one_per: ``image`` or ``track``: the best match of each; None: everybody.
    """
    wanted = max(SPARE * top_k, 64)
    while True:
        found = [store.nearest(query, wanted, where, one_per) for query in queries]
        records = _together([one.records for one in found])
        similarities = similarities_of(queries, records.embeddings)
        order = np.lexsort((records.ids, -similarities))
        if one_per is not None:
            order = first_of_each(records, order, one_per)
        kept = order[:top_k]
        floor = max(one.floor for one in found)
        enough = len(kept) == top_k and similarities[kept[-1]] >= floor
        if enough or all(one.complete for one in found):
            break
        wanted *= 4
    compared = max(one.compared for one in found)
    return answer(records.take(kept), similarities[kept], threshold, compared)


def answer(
    records: Records,
    similarities: np.ndarray,
    threshold: float | None,
    compared: int,
    skipped: int = 0,
) -> SearchResult:
    """Ranked records as a result.

    Args:
        records: The best ones, the most similar first.
        similarities: (N,) of each.
        threshold: Similarity that a match must reach; None: any.
        compared: See ``SearchResult.searched``.
        skipped: See ``SearchResult.skipped``.
    """
    ranked = [
        match_of(row + 1, records, row, float(similarity))
        for row, similarity in enumerate(similarities)
    ]
    reached = [m for m in ranked if threshold is None or m.similarity >= threshold]
    nearest = ranked[0] if ranked else None
    return SearchResult(reached, nearest, threshold, compared, skipped)


def similarities_of(queries: np.ndarray, embeddings: np.ndarray) -> np.ndarray:
    """(N,) float64 cosine of each record to the nearest query, whoever stores it.

    Args:
        queries: (Q, D) float32 of length 1.
        embeddings: (N, D) float32 of length 1, or zeros.
    """
    rows = embeddings.astype(np.float64)
    best = np.full(len(rows), -np.inf)
    for query in queries.astype(np.float64):
        np.maximum(best, np.einsum("nd,d->n", rows, query), out=best)
    return best


def _together(parts: Sequence[Records]) -> Records:
    """Records of several searches, each person once."""
    first, *others = parts
    for other in others:
        new = ~np.isin(other.ids, first.ids)
        if not new.any():
            continue
        columns = dict(other.take(new).columns())
        joined = {n: np.concatenate([c, columns[n]]) for n, c in first.columns()}
        first = Records(**joined)
    return first


def first_of_each(records: Records, order: np.ndarray, one_per: str) -> np.ndarray:
    """The best row of each picture or track, in order."""
    seen: set[tuple] = set()
    kept = []
    for row in order.tolist():
        track = int(records.tracks[row])
        if one_per == "track" and track >= 0:
            group = (records.paths[row], "track", track)
        else:
            group = (records.paths[row], "frame", int(records.frames[row]))
        if group not in seen:
            seen.add(group)
            kept.append(row)
    return np.array(kept, np.int64)


def match_of(rank: int, records: Records, row: int, similarity: float) -> Match:
    """A row of records as a match of that rank, with its similarity to the query."""
    return Match(
        rank=rank,
        similarity=similarity,
        id=int(records.ids[row]),
        path=str(records.paths[row]),
        box=records.boxes[row].copy(),
        score=float(records.scores[row]),
        camera=str(records.cameras[row]),
        time=known(records.times[row]),
        frame=int(records.frames[row]),
        track=int(records.tracks[row]),
        start=known(records.starts[row]),
        end=known(records.ends[row]),
        clock=known(records.clocks[row]),
    )

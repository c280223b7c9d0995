"""Search weighted by scenes: those that cannot hold the query are not looked into.

The scores come from vectors alone (Jaffe and Zakhor, WACV 2023): the network was needed
when pictures and query were read, and is not needed now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.evaluation.functional.scene_filter import scene_scores
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import Records, join, no_records
from mmpsearch.gallery.search_result import SearchResult
from mmpsearch.gallery.searching import answer, first_of_each, similarities_of
from mmpsearch.gallery.store import Store


@dataclass(frozen=True, eq=False)
class SceneFilter:
    """What queries ask of scenes.

    A similarity is then cosine times scene score times, as in the published
    evaluation, the detector's score.

    Attributes:
        queries: (Q, 3 S + 2) float32, one row per query picture, from an inferencer's
            ``embed_with_scenes``.
        threshold: Score in 0.27..0.73 that a scene must reach to be looked into; None:
            all are. A test of the model reports one: ``scene_threshold``.
        confidence_weighted: Multiply by the detector's score too.
    """

    queries: np.ndarray
    threshold: float | None = None
    confidence_weighted: bool = True

    def of_each(self) -> list[SceneFilter]:
        """One filter for each query."""
        return [replace(self, queries=query[None]) for query in self.queries]


def search_scenes(
    store: Store,
    queries: np.ndarray,
    scenes: SceneFilter,
    top_k: int,
    threshold: float | None,
    where: Where,
    one_per: str | None,
) -> SearchResult:
    """Rank the gallery for one person; exact, whatever the store.

    Args:
        store: Where the records are, each with its scene.
        queries: (Q, D) pictures of the person, normalised; the most similar one, after
            weighting, counts. One row for several rows of ``scenes``: the mean picture,
            whose scene score is their mean.
        scenes: Of this person.
        top_k: Matches wanted.
        threshold: Weighted similarity that a match must reach; None: any.
        where: Who is compared.
        one_per: ``image`` or ``track``: the best match of each; None: everybody.

    Raises:
        GalleryError: Somebody's scene is not known, or another model's.
    """
    best, similarities = no_records(queries.shape[1]), np.empty(0)
    compared = skipped = unknown = 0
    for ids, embeddings in store.scenes(where):
        known = embeddings.any(axis=1)
        unknown += int((~known).sum())
        if unknown:
            continue  # how many there are is told below
        mean = len(queries) < len(scenes.queries)
        scores = _passing_scores(scenes, embeddings, mean)
        passing = (scores > -np.inf).any(axis=0)
        skipped += int((~passing).sum())
        records = store.fetch(ids[passing])
        compared += len(records)
        scores = scores[:, np.searchsorted(ids, records.ids)].astype(np.float64)
        new = _weighted(queries, records, scores, scenes.confidence_weighted)
        best = join([best, records])
        similarities = np.concatenate([similarities, new])
        order = np.lexsort((best.ids, -similarities))
        if one_per is not None:
            order = first_of_each(best, order, one_per)
        best, similarities = best.take(order[:top_k]), similarities[order[:top_k]]
    if unknown:
        raise GalleryError(
            f"the gallery {store.location} knows no scene of {unknown} people: fill "
            "one with a model that has a gallery filter network (configs/gfn), or "
            "search without the scene filter"
        )
    return answer(best, similarities, threshold, compared, skipped)


def passing_scenes(
    scenes: SceneFilter, embeddings: np.ndarray, mean: bool = True
) -> np.ndarray:
    """Which scenes a search looks into.

    Args:
        scenes: What is asked.
        embeddings: (I, S) of the scenes.
        mean: Of several query pictures the mean score counts, as of the mean picture;
            else each may let a scene pass.

    Returns:
        (I,) bool.

    Raises:
        GalleryError: The scenes are another model's.
    """
    scores = _passing_scores(scenes, embeddings, mean)
    return np.any(scores > -np.inf, axis=0)


def _passing_scores(
    scenes: SceneFilter, embeddings: np.ndarray, mean: bool
) -> np.ndarray:
    """(Q, N), or (1, N) of the mean: scores of N records, -inf below the threshold."""
    scores = _scores(scenes.queries, embeddings)
    if mean:
        scores = scores.mean(axis=0, keepdims=True)
    if scenes.threshold is None:
        return scores
    return np.where(scores >= scenes.threshold, scores, -np.inf)


def _scores(queries: np.ndarray, scenes: np.ndarray) -> np.ndarray:
    """(Q, N) float32 scene scores of N records; those of one picture share theirs."""
    first = np.append(True, (scenes[1:] != scenes[:-1]).any(axis=1))
    try:
        scores = scene_scores(queries, scenes[first])
    except ValueError as error:
        raise GalleryError(str(error)) from None
    return scores[:, np.cumsum(first) - 1]


def _weighted(
    queries: np.ndarray, records: Records, scores: np.ndarray, confidence: bool
) -> np.ndarray:
    """(N,) float64, of each record the best product over the queries (Q, N)."""
    products = np.full(len(records), -np.inf)
    for query, weights in zip(queries, scores, strict=True):
        passing = weights > -np.inf
        some = records.take(passing)
        cosines = similarities_of(query[None], some.embeddings) * weights[passing]
        if confidence:
            cosines *= some.scores.astype(np.float64)
        products[passing] = np.maximum(products[passing], cosines)
    return products

"""Which scenes can hold a query: scores from vectors alone, and how good they are."""

from collections.abc import Iterator

import numpy as np

from mmpsearch.evaluation.functional.gallery import ListedGallery, WholeGallery

# Of the scenes that show the query's person, this share is to pass a filter.
PASSING = 0.99


def scene_scores(queries: np.ndarray, scenes: np.ndarray) -> np.ndarray:
    """Scores of scenes for queries: the sigmoid of a cosine.

    Args:
        queries: ``(Q, 3 D + 2)`` float32, as
            `mmpsearch.models.person_search.gfn.scene_query.scene_queries` makes them:
            u, v, z ``(D,)`` each, c and d.
        scenes: ``(I, D)`` L2-normalised scene embeddings.

    Returns:
        ``(Q, I)`` float32 in [0.269, 0.731]:
        sigmoid((u.x + c) / sqrt(v.x^2 + z.x + d)).

    Raises:
        ValueError: sizes that do not belong together.
    """
    queries = np.asarray(queries, np.float32)
    scenes = np.asarray(scenes, np.float32)
    size = scenes.shape[1] if scenes.ndim == 2 else 0
    if queries.ndim != 2 or queries.shape[1] != 3 * size + 2:
        raise ValueError(
            f"queries of shape {queries.shape} ask scenes of another model: those "
            f"have shape {scenes.shape}, and need (Q, {3 * size + 2})"
        )
    u, v, z = (queries[:, i * size : (i + 1) * size] for i in range(3))
    c, d = queries[:, 3 * size :].T[:, :, None]
    products = u @ scenes.T + c
    squares = v @ np.square(scenes).T + z @ scenes.T + d
    lengths = np.sqrt(np.maximum(squares, np.finfo(np.float32).tiny))
    cosines = np.clip(products / lengths, -1, 1)
    return (1 / (1 + np.exp(-cosines))).astype(np.float32)


def scene_filter_metrics(
    scores: np.ndarray, gallery: ListedGallery | WholeGallery
) -> dict[str, float]:
    """How well scores tell the gallery scenes that show the query's person.

    Args:
        scores: ``(Q, images)``.
        gallery: whose images each query searches; repeated entries count as often.

    Returns:
        ``scene_mAP``: mean average precision of the ranked scenes, 0 for a query
        without a positive one; ``scene_top1``; ``scene_threshold``: what all but one
        in a hundred of the positive pairs reach; ``scene_filtered``: the share of the
        negative pairs below it, which need no detection.
    """
    precisions, firsts, positive, negative = [], [], [], []
    for query, images, shows in _galleries(len(scores), gallery):
        own = scores[query, images].astype(np.float64)
        positive.append(own[shows])
        negative.append(own[~shows])
        precisions.append(_average_precision(own, shows))
        firsts.append(bool(len(own)) and bool(shows[own.argmax()]))
    positive = np.sort(np.concatenate(positive))[::-1]
    negative = np.concatenate(negative)
    threshold = float(positive[int(PASSING * len(positive))]) if len(positive) else 0.0
    filtered = float((negative < threshold).mean()) if len(negative) else 0.0
    return {
        "scene_mAP": float(np.mean(precisions)),
        "scene_top1": float(np.mean(firsts)),
        "scene_threshold": threshold,
        "scene_filtered": filtered,
    }


def _galleries(
    queries: int, gallery: ListedGallery | WholeGallery
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Query, its gallery's images, and which of them show its person."""
    people = gallery.positives
    for query in range(queries):
        counts = gallery.counts(query, query + 1)[0]
        images = np.repeat(np.arange(len(counts)), counts)
        own = people.images[people.offsets[query] : people.offsets[query + 1]]
        yield query, images, np.isin(images, own)


def _average_precision(scores: np.ndarray, shows: np.ndarray) -> float:
    """Average precision; equal scores enter together."""
    if not shows.any():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], shows[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    found = np.cumsum(hits)[ends]
    gained = np.diff(found, prepend=0)
    return float((gained * found / (ends + 1)).sum() / shows.sum())

"""Which scenes can hold a query, from vectors alone."""

import numpy as np


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

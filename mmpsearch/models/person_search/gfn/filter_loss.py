"""The gallery filter's training objective (Jaffe and Zakhor, WACV 2023)."""

from typing import Literal

import torch
from torch import Tensor

from mmpsearch.models.person_search.gfn.fusion import QuerySceneFusion
from mmpsearch.models.person_search.gfn.pairs import (
    Pairs,
    cosines,
    nt_xent,
    people_of_scenes,
    query_scene_pairs,
)
from mmpsearch.models.person_search.gfn.scene_table import SceneBatch

Objective = Literal["combined", "separate", "image"]


def gallery_filter_loss(
    batch: SceneBatch,
    fusion: QuerySceneFusion,
    objective: Objective = "combined",
    prototypes: Tensor | None = None,
    filtered: bool = True,
    temperature: float = 0.1,
) -> Tensor:
    """Tell scenes that show a person from scenes that do not.

    ``'combined'``: the query-gated embedding of the query's own scene is compared
    with those of all scenes gated by the same query; its own scene is a positive, and
    so is compared with itself, as in the published objective. ``'separate'``: scenes
    with queries. ``'image'``: scenes with scenes, positive when they share somebody.

    Args:
        batch: scenes and all boxes of people in them.
        fusion: for ``'combined'``.
        objective: see above.
        prototypes: ``(L, D)`` table rows that take the place of the labelled people's
            embeddings, without gradient; people without label then ask for nothing
            (but are still known to be in their scenes). A row that was never written
            is zero, as published. None: the batch's own embeddings.
        filtered: see :func:`query_scene_pairs`.
        temperature: of the contrast.

    Returns:
        Scalar, at least float32; 0 (with gradient) where nothing can be learned.
    """
    queries, scenes = batch.queries, batch.scenes
    shows, shared = people_of_scenes(batch.unique_ids, batch.scene_index, len(scenes))
    if objective == "image":
        return nt_xent(cosines(scenes, scenes), Pairs(shared, ~shared), temperature)
    index, known = batch.scene_index, batch.person_ids >= 0
    pairs = query_scene_pairs(shows, shared, index, known, filtered)
    if prototypes is not None:
        queries = prototypes.detach()[batch.person_ids[known]].to(queries.dtype)
        index = index[known]
        pairs = Pairs(pairs.positive[:, known], pairs.negative[:, known])
    if not len(queries):
        return batch.queries.sum() * 0 + scenes.sum() * 0
    if objective == "separate":
        return nt_xent(cosines(scenes, queries), pairs, temperature)
    fused = fusion.every_pair(queries, scenes)  # (I, Q, D)
    own = fused[index, torch.arange(len(index), device=index.device)]
    similarities = torch.cosine_similarity(own[None], fused, dim=2, eps=1e-12)
    return nt_xent(
        similarities.T, Pairs(pairs.positive.T, pairs.negative.T), temperature
    )

"""Scene scores by the network itself: what the scores from vectors must equal."""

import torch
from torch import Tensor

from mmpsearch.models.person_search.gfn.filter_loss import Objective
from mmpsearch.models.person_search.gfn.fusion import QuerySceneFusion
from mmpsearch.models.person_search.gfn.pairs import cosines

SCENES_AT_ONCE = 32


@torch.no_grad()
def scene_scores(
    queries: Tensor,
    query_scenes: Tensor,
    gallery_scenes: Tensor,
    fusion: QuerySceneFusion,
    objective: Objective = "combined",
) -> Tensor:
    """Scores of every gallery scene for every query.

    Sigmoids of cosines, without temperature: they lie in [0.269, 0.731], and scale a
    person's similarity rather than decide.

    Args:
        queries: ``(Q, D)`` embeddings of the query people.
        query_scenes: ``(Q, D)`` embeddings of the scenes that they were seen in.
        gallery_scenes: ``(I, D)``.
        fusion: in evaluation mode.
        objective: that was trained, see :func:`gallery_filter_loss`.

    Returns:
        ``(Q, I)`` float32 on the CPU.
    """
    if objective == "separate":
        return cosines(queries, gallery_scenes).sigmoid().cpu()
    if objective == "image":
        return cosines(query_scenes, gallery_scenes).sigmoid().cpu()
    own = fusion(queries, query_scenes)
    found = []
    for scenes in gallery_scenes.split(SCENES_AT_ONCE):
        fused = fusion.every_pair(queries, scenes)  # (i, Q, D)
        found.append(torch.cosine_similarity(own[None], fused, dim=2, eps=1e-12).T)
    if not found:
        return own.new_zeros(len(queries), 0).cpu()
    return torch.cat(found, dim=1).sigmoid().float().cpu()

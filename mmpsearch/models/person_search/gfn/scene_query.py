"""A query's question to any scene, as a few vectors."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.person_search.gfn.filter_loss import Objective
from mmpsearch.models.person_search.gfn.fusion import QuerySceneFusion


@torch.no_grad()
def scene_queries(
    queries: Tensor,
    query_scenes: Tensor,
    fusion: QuerySceneFusion,
    objective: Objective = "combined",
) -> Tensor:
    """Everything that scene scores need to know of queries and network.

    The query-gated embedding of a scene is affine in the scene's direction x: in
    evaluation the norm is a scale and a shift. Its cosine with the own scene's is then
    (u.x + c) / sqrt(v.x^2 + z.x + d), so that a gallery which holds scene directions
    can be asked without the network.

    Args:
        queries: ``(Q, D)`` embeddings of the query people.
        query_scenes: ``(Q, D)`` embeddings of the scenes that they were seen in.
        fusion: in evaluation mode.
        objective: that was trained.

    Returns:
        ``(Q, 3 D + 2)`` float32: u, v, z, c, d, in this order.
        `mmpsearch.evaluation.functional.scene_filter.scene_scores` reads them.
    """
    queries = F.normalize(at_least_float32(queries), dim=1)
    query_scenes = at_least_float32(query_scenes)
    one, zero = torch.ones_like(queries), torch.zeros_like(queries)
    nothing = queries.new_zeros(len(queries), 2)
    if objective == "separate" or objective == "image":
        asked = queries if objective == "separate" else F.normalize(query_scenes, dim=1)
        return torch.cat([asked, one, zero, nothing], dim=1)
    own = F.normalize(fusion(queries, query_scenes), dim=1)
    scale, shift = fusion.affine(queries)
    return torch.cat(
        [
            own * scale,
            scale.square(),
            2 * scale * shift,
            (own * shift).sum(dim=1, keepdim=True),
            shift.square().sum(dim=1, keepdim=True),
        ],
        dim=1,
    ).float()

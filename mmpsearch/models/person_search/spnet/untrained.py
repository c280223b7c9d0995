"""Which parts of an SPNet no loss reaches."""

from mmdet.models.necks import FPN
from torch import nn

from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.train_pathway import TrainPathway


def untrained_parts(
    network: SPNetwork, pathway: TrainPathway, trains_reid: bool
) -> list[nn.Module]:
    """Parts that exist for inference, or for the other pathway, alone.

    Distributed training waits for the gradient of every parameter that wants one;
    these never get any.

    Args:
        network: that is to be trained.
        pathway: by which.
        trains_reid: there is a re-id loss.

    Returns:
        Modules, none of which any loss depends on.
    """
    if not pathway.trains_detection:
        return _parts_of_detection(network)
    query_centric = pathway.query_centric
    separate = len(network.detection_embedders) > 0
    parts: list[nn.Module] = []
    if query_centric:  # offsets come from queries, not from the bridge's guess
        parts.extend(block.bridge for block in network.sp_blocks)
    first_logits = network.sp_blocks[0].logits
    anchor_loss_has_its_own = network.anchor_logits is not first_logits
    if anchor_loss_has_its_own and not pathway.classify_first_stage:
        parts.append(first_logits)
    detects_with_embedder = query_centric or network.cascade_steps > 0
    if separate and not detects_with_embedder:
        parts.append(network.detection_embedders)
    if not trains_reid and (separate or not detects_with_embedder):
        parts.append(network.box_embedder)
    return parts


def _parts_of_detection(network: SPNetwork) -> list[nn.Module]:
    parts = [network.anchor_embedder, network.sp_blocks, network.anchor_logits]
    parts.append(network.detection_embedders)
    if isinstance(network.neck, FPN):  # the Box Embedder reads the finest level alone
        parts.extend(network.neck.fpn_convs[1:])
    return parts

"""SPNet's query-centric training (paper, section 3.2)."""

import torch
from mmengine.dist import get_world_size
from torch import Tensor
from torchvision.ops import box_iou, generalized_box_iou

from mmpsearch.models.layers.matching import BACKGROUND, IGNORED
from mmpsearch.models.layers.sampling import random_subset
from mmpsearch.models.person_search.spnet.detection_losses import focal_match_loss
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.query_pairs import (
    distinct_in_image,
    find_persons,
    match_single_box,
    nearest_anchors,
    overlapping_then_nearest,
    select_pairs,
)
from mmpsearch.models.person_search.spnet.region_losses import (
    box_loss,
    class_loss,
    reid_candidates,
)
from mmpsearch.models.person_search.spnet.structures import Features, Regions
from mmpsearch.models.person_search.spnet.train_pathway import TrainPathway
from mmpsearch.models.person_search.structures import GroundTruth
from mmpsearch.registry import MODELS


@MODELS.register_module()
class QueryCentricTraining(TrainPathway):
    """Find one query person at a time: offsets come from query embeddings.

    Args:
        num_pairs: query-image pairs of the global batch. Ranks share them equally;
            queries meet images of their own rank only.
        anchors_per_pair: anchors per pair for box regression and re-id.
        **kwargs: of :class:`TrainPathway`.
    """

    query_centric = True

    def __init__(
        self,
        num_pairs: int = 32,
        anchors_per_pair: int = 64,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.num_pairs = num_pairs
        self.anchors_per_pair = anchors_per_pair

    def losses(
        self,
        network: SPNetwork,
        features: Features,
        truth: GroundTruth,
        truth_embeddings: Tensor,
    ) -> tuple[dict[str, Tensor], Tensor, Tensor, Tensor]:
        """See :meth:`TrainPathway.losses`; every box of the truth is a query.

        ``truth_embeddings`` are the queries' detection embeddings where the Box
        Embedder is shared.

        Raises:
            ValueError: the model has cascade steps; the paper's query-centric
                training has none.
        """
        if network.cascade_steps:
            raise ValueError(
                "query-centric training has no cascade: set `cascade_steps=0` for "
                "pre-training; the fine-tuned model may have more"
            )
        average = self.average_logit_losses
        embeddings, anchors = network.anchor_embedder(
            features.pyramid, features.batch_shape
        )
        queries = truth_embeddings
        if network.detection_embedders:
            queries = network.detection_embeddings(
                features, truth.boxes, truth.image_index, step=1
            )
        pairs, targets = self._pairs(truth)
        image, query = pairs.unbind(dim=1)
        norms = pair_norms(queries[query], embeddings, image)  # (P, A)
        present = (targets >= 0).nonzero().flatten()
        iou, giou = (
            overlaps(truth.boxes[targets[present]], anchors)
            for overlaps in (box_iou, generalized_box_iou)
        )
        matched = torch.full_like(norms, BACKGROUND, dtype=torch.int64)
        matched[present] = match_single_box(
            iou, self.match_iou, self.ignore_iou, self.match_low_quality
        )
        kept = (matched != IGNORED).nonzero(as_tuple=True)
        losses = {
            "loss_anchor": focal_match_loss(
                network.anchor_logits(norms)[kept], matched[kept] >= 0, average
            )
        }
        absent = (targets < 0).nonzero().flatten()
        index = self._select(network, norms.detach(), giou, present, absent)  # (P, K)
        regions = self._regions(
            network, anchors, embeddings, queries, pairs, targets, matched, index
        )
        losses["loss_box_1"] = box_loss(regions, truth)
        if self.classify_first_stage:
            losses["loss_class_1"] = _class_loss_without_ignored(regions, average)
        boxes, good = reid_candidates(regions, truth, self.reid_iou)
        good = self._limit_per_pair(good, num_pairs=len(pairs), size=index.shape[1])
        return losses, *self.reid_boxes(boxes, good, regions)

    def _pairs(self, truth: GroundTruth) -> tuple[Tensor, Tensor]:
        """Pairs ``(P, 2)`` (image, query) and the query's box there ``(P,)`` or -1."""
        distinct = distinct_in_image(truth.image_index, truth.unique_ids)
        found = find_persons(
            truth.image_index, truth.unique_ids, distinct, truth.num_images
        )
        usable = distinct.nonzero().flatten()
        found = found[:, usable]
        images = torch.arange(truth.num_images, device=found.device)
        own = images[:, None] == truth.image_index[usable][None]
        share = -(-self.num_pairs // get_world_size())
        pairs = select_pairs(found >= 0, own, share)
        targets = found[pairs[:, 0], pairs[:, 1]]
        query = usable[pairs[:, 1]]
        return torch.stack([pairs[:, 0], query], dim=1), targets

    def _select(
        self,
        network: SPNetwork,
        norms: Tensor,
        giou: Tensor,
        present: Tensor,
        absent: Tensor,
    ) -> Tensor:
        """``(P, K)`` anchors of every pair, with and without the person in it."""
        if network.sp_blocks[0].positive_logits:
            norms = -norms
        number = min(self.anchors_per_pair, norms.shape[1])
        index = norms.new_empty((len(norms), number), dtype=torch.int64)
        index[present] = overlapping_then_nearest(giou, norms[present], number)
        index[absent] = nearest_anchors(norms[absent], number)
        return index

    def _regions(
        self,
        network: SPNetwork,
        anchors: Tensor,
        embeddings: Tensor,
        queries: Tensor,
        pairs: Tensor,
        targets: Tensor,
        matched: Tensor,
        index: Tensor,
    ) -> Regions:
        block = network.sp_blocks[0]
        number = index.shape[1]
        image, query = (
            column.repeat_interleave(number) for column in pairs.unbind(dim=1)
        )
        targets = targets.repeat_interleave(number)
        matched = matched.gather(1, index).flatten()
        index = index.flatten()
        offsets = block.query_offsets(queries[query], embeddings[image, index])
        return Regions(
            boxes=anchors[index],
            image_index=image,
            matched=torch.where(matched >= 0, targets, matched),
            targets=targets,
            offsets=offsets,
            logits=block.logits(torch.linalg.vector_norm(offsets.float(), dim=-1)),
            deltas=block.regression(offsets),
        )

    def _limit_per_pair(self, good: Tensor, num_pairs: int, size: int) -> Tensor:
        """At most a quarter of a pair's anchors go on to the re-id loss."""
        # the one wait for the device: how many each pair has
        counts = torch.bincount(good // size, minlength=num_pairs).tolist()
        limited = [
            random_subset(own, self.anchors_per_pair // 4) for own in good.split(counts)
        ]
        return torch.cat([good[:0], *limited]).sort().values


def pair_norms(queries: Tensor, embeddings: Tensor, image: Tensor) -> Tensor:
    """Norms of ``q - a`` for all anchors of every pair's image.

    On a CPU the differences themselves (0.8 GB for 32 pairs at 512 x 512) are never
    stored; on CUDA PyTorch's backward pass holds those of one image at a time. Products
    in their place would lose the digits of near anchors' norms.

    Args:
        queries: ``(P, D)`` of the pairs' queries.
        embeddings: ``(B, A, D)`` of the anchors.
        image: ``(P,)`` int64, ascending.

    Returns:
        ``(P, A)`` float32.
    """
    rows = [embeddings.new_zeros((0, embeddings.shape[1]), dtype=torch.float32)]
    images, counts = image.unique_consecutive(return_counts=True)
    images, counts = torch.stack([images, counts]).tolist()  # the one wait
    for index, own in zip(images, queries.split(counts), strict=True):
        rows.append(
            torch.cdist(
                own.float(),
                embeddings[index].float(),
                compute_mode="donot_use_mm_for_euclid_dist",
            )
        )
    return torch.cat(rows)


def _class_loss_without_ignored(regions: Regions, average: str) -> Tensor:
    kept = (regions.matched != IGNORED).nonzero().flatten()
    return class_loss(
        regions._replace(logits=regions.logits[kept], matched=regions.matched[kept]),
        average,
    )

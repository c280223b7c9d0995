"""SPNet's object-centric search of one picture, as it is exported."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm
from torchvision.ops import nms

from mmpsearch.apis.export.search_graph import (
    SearchGraph,
    best,
    first_image,
    suppress,
    with_stand_in,
)
from mmpsearch.models.layers.boxes import clip_to_images, decode_boxes
from mmpsearch.models.person_search.spnet.anchor_embedder import transform_outputs
from mmpsearch.models.person_search.spnet.network import SPNetwork
from mmpsearch.models.person_search.spnet.structures import Features


class SPNetGraph(SearchGraph):
    """What ``object_centric_search.detect`` and the Box Embedder do.

    Args:
        model: in eval mode.
        divisor: of the model's preprocessor.
    """

    def __init__(self, model: SPNetwork, divisor: int) -> None:
        super().__init__(divisor)
        self.model = model
        self.embed_dims = model.box_embedder.embed_dims
        # the first bridge becomes part of the kernels for good
        self.anchor_embedder = copy.deepcopy(model.anchor_embedder)
        convolution = self.anchor_embedder.conv
        bridge = model.sp_blocks[0].bridge
        with torch.no_grad():
            moved = transform_outputs(
                convolution.weight, convolution.bias, *bridge.affine()
            )
        convolution.weight, convolution.bias = map(nn.Parameter, moved)

    def search(
        self, padded: Tensor, size: Tensor, queries: Tensor, score_threshold: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """See the base class."""
        model, settings = self.model, self.model.search
        features = model.extract(padded)
        boxes, scores = self._first_boxes(features, size)
        kept = suppress(boxes, scores, settings.nms_iou, score_threshold)
        boxes, scores = boxes[kept], scores[kept]
        for step in range(1, model.cascade_steps + 1):
            boxes, scores = self._refine(step, features, size, boxes)
        rows = with_stand_in(boxes, queries)
        embeddings = model.box_embedder(features, rows, first_image(rows))
        found = torch._shape_as_tensor(boxes)[0]
        return boxes, scores, embeddings[:found], embeddings[found:-1]

    def _first_boxes(self, features: Features, size: Tensor) -> tuple[Tensor, Tensor]:
        """The likeliest anchors, moved; one at least, whatever its score."""
        settings, block = self.model.search, self.model.sp_blocks[0]
        offsets, anchors = self.anchor_embedder(features.pyramid, features.batch_shape)
        norms = vector_norm(offsets[0], dim=-1)
        index = best(norms, settings.max_anchors, block.positive_logits)
        scores = block.logits(norms[index]).sigmoid()
        order = best(scores, settings.max_boxes)
        index, scores = index[order], scores[order]
        boxes = decode_boxes(block.regression(offsets[0, index]), anchors[index])
        return clip_to_images(boxes, first_image(boxes), size), scores

    def _refine(
        self, step: int, features: Features, size: Tensor, boxes: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One cascade step; without a score threshold, as in the model."""
        model, block = self.model, self.model.sp_blocks[step]
        rows = with_stand_in(boxes)
        index = first_image(rows)
        embeddings = model.detection_embeddings(features, rows, index, step)
        offsets = block.object_offsets(embeddings)
        scores = block.logits(vector_norm(offsets, dim=-1)).sigmoid()
        moved = decode_boxes(block.regression(offsets), rows)
        moved = clip_to_images(moved, index, size)
        last = torch._shape_as_tensor(boxes)[0]
        own = torch.cat([torch.ones_like(boxes[:, 0]), scores.new_zeros(1)])
        kept = nms(moved, scores * own, model.search.nms_iou)
        kept = kept[kept < last]
        return moved[kept], scores[kept]

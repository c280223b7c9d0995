"""SeqNet's and SeqNeXt's search of one picture, as it is exported."""

from __future__ import annotations

import torch
from torch import Tensor

from mmpsearch.apis.export.search_graph import (
    SearchGraph,
    best,
    first_image,
    suppress,
    with_stand_in,
    zero_after,
)
from mmpsearch.models.layers.boxes import clip_to_images
from mmpsearch.models.person_search.region_sampling import BoxBatch
from mmpsearch.models.person_search.two_stage.box_predictor import person_scores
from mmpsearch.models.person_search.two_stage.model import TwoStageSearch
from mmpsearch.models.person_search.two_stage.regions import (
    SMALLEST_SIDE,
    move_regions,
)


class SequentialGraph(SearchGraph):
    """What ``TwoStageSearch`` does with a ``SequentialHead``.

    Args:
        model: in eval mode.
        divisor: of the model's preprocessor.
    """

    def __init__(self, model: TwoStageSearch, divisor: int) -> None:
        super().__init__(divisor)
        self.model = model
        self.embed_dims = model.search_head.embed_dims

    def search(
        self, padded: Tensor, size: Tensor, queries: Tensor, score_threshold: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """See the base class."""
        head, settings = self.model.search_head, self.model.search
        feature_map = self.model.extract(padded)
        regions = _batch(self._proposals(feature_map, size))
        logits, deltas = head.first_stage(feature_map, regions)
        boxes = move_regions(deltas, regions, size)
        scores = _usable(boxes, person_scores(logits))
        kept = suppress(boxes, scores, settings.nms_iou, score_threshold)
        kept = kept[: settings.max_boxes]

        rows = with_stand_in(boxes[kept], queries)
        people = _batch(rows)
        embeddings, logits, deltas = head.second_stage(feature_map, people)
        moved = move_regions(deltas, people, size)
        first_scores = zero_after(scores[kept], rows)
        own = zero_after(torch.ones_like(scores[kept]), rows)
        scores = _usable(moved, head.final_scores(first_scores, logits) * own)
        final = suppress(moved, scores, head.final_nms_iou, score_threshold)
        final = final[: settings.max_boxes]
        found = torch._shape_as_tensor(kept)[0]
        return moved[final], scores[final], embeddings[final], embeddings[found:-1]

    def _proposals(self, feature_map: Tensor, size: Tensor) -> Tensor:
        """As MMDetection's RPNHead: the best of one level, after suppression."""
        rpn = self.model.rpn_head
        logits, deltas = rpn.forward_single(feature_map)
        (anchors,) = rpn.prior_generator.grid_priors(
            [feature_map.shape[-2:]], device=feature_map.device
        )
        scores = logits[0].permute(1, 2, 0).reshape(-1).sigmoid()
        index = best(scores, rpn.test_cfg.nms_pre)
        deltas = deltas[0].permute(1, 2, 0).reshape(-1, 4)[index]
        boxes = rpn.bbox_coder.decode(anchors[index], deltas)
        boxes = clip_to_images(boxes, first_image(boxes), size)
        large = _shorter_sides(boxes) > rpn.test_cfg.get("min_bbox_size", 0)
        scores = scores[index] * large
        iou = rpn.test_cfg.nms.iou_threshold
        kept = suppress(boxes, scores, iou, scores.new_zeros(()))
        return boxes[kept[: rpn.test_cfg.max_per_img]]


def _batch(boxes: Tensor) -> BoxBatch:
    return BoxBatch(boxes, first_image(boxes))


def _usable(boxes: Tensor, scores: Tensor) -> Tensor:
    """The scores; zero, the last place, for boxes that are no boxes."""
    return scores * (_shorter_sides(boxes) >= SMALLEST_SIDE)


def _shorter_sides(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).amin(dim=1)

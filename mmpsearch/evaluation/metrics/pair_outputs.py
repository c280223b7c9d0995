"""What a query-centric model found in the images of a test set, in compact arrays."""

from dataclasses import dataclass

import numpy as np

from mmpsearch.evaluation.functional import PairDetections
from mmpsearch.evaluation.functional.ragged import expand_ranges, offsets_from_counts
from mmpsearch.evaluation.metrics.flat_outputs import FlatOutputs
from mmpsearch.evaluation.metrics.image_output import as_array, image_position, need
from mmpsearch.evaluation.metrics.search_outputs import require_every_image
from mmpsearch.structures import SearchProtocol


def is_query_centric(sample: dict) -> bool:
    """Whether the boxes of a data sample (as a dictionary) belong to queries."""
    return "query_ids" in (sample.get("pred_instances") or {})


def pair_output(sample: dict, protocol: SearchProtocol) -> "PairOutputs":
    """Read a data sample (as a dictionary) into the arrays of one image.

    Raises:
        KeyError: when something the metric needs is missing, naming it.
        ValueError: when the sample is not the protocol's image.
    """
    image, name = image_position(sample, protocol)
    found = need(sample, "pred_instances", name)
    scores = as_array(need(found, "scores", name), np.float32)
    return PairOutputs(
        images=np.array([image], np.int64),
        counts=np.array([len(scores)], np.int64),
        query_ids=as_array(need(found, "query_ids", name), np.int32),
        boxes=as_array(need(found, "bboxes", name), np.float32).reshape(-1, 4),
        scores=scores,
        similarities=as_array(need(found, "similarities", name), np.float32),
    )


@dataclass(frozen=True)
class PairOutputs(FlatOutputs):
    """Outputs for R images, flat.

    Attributes:
        images: (R,) int64 position in the protocol.
        counts: (R,) int64 number of boxes.
        query_ids: (N,) int32.
        boxes: (N, 4) float32 xyxy in original pixels.
        scores: (N,) float32.
        similarities: (N,) float32.
    """

    images: np.ndarray
    counts: np.ndarray
    query_ids: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    similarities: np.ndarray

    @classmethod
    def nothing(cls) -> "PairOutputs":
        """The outputs of no image."""
        none = np.zeros(0, np.int64)
        return cls(
            images=none,
            counts=none,
            query_ids=np.zeros(0, np.int32),
            boxes=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
            similarities=np.zeros(0, np.float32),
        )

    def in_order(self) -> "PairOutputs":
        """One output per image (the first), by ascending image position."""
        images, rows = np.unique(self.images, return_index=True)
        starts = offsets_from_counts(self.counts)[rows]
        boxes, _ = expand_ranges(starts, self.counts[rows])
        return PairOutputs(
            images=images,
            counts=self.counts[rows],
            query_ids=self.query_ids[boxes],
            boxes=self.boxes[boxes],
            scores=self.scores[boxes],
            similarities=self.similarities[boxes],
        )

    def detections(self, protocol: SearchProtocol) -> PairDetections:
        """The boxes, checked to come from every image of the protocol."""
        require_every_image(self.images, protocol)
        return PairDetections(
            queries=self.query_ids.astype(np.int64),
            images=np.repeat(self.images, self.counts),
            boxes=self.boxes,
            scores=self.scores,
            similarities=self.similarities,
        )

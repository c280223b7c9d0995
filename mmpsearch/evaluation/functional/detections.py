"""Detections of many images in flat arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mmpsearch.evaluation.functional.ragged import offsets_from_counts

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol


@dataclass(frozen=True)
class Detections:
    """What a detector found in every image of a test set.

    Detections of image ``i`` (the position in the protocol's ``image_keys``) are
    rows ``offsets[i]:offsets[i + 1]``.

    Attributes:
        boxes: (N, 4) xyxy in pixels of the original image.
        scores: (N,) confidences in [0, 1].
        offsets: (I + 1,) int64, from 0 to N.
        embeddings: (N, D) person embeddings, not normalised; None where only
            detection is evaluated.
    """

    boxes: np.ndarray
    scores: np.ndarray
    offsets: np.ndarray
    embeddings: np.ndarray | None = None

    def __post_init__(self) -> None:
        count = len(self.scores)
        if self.boxes.shape != (count, 4):
            raise ValueError(
                f"Detections.boxes has shape {self.boxes.shape}, but there are "
                f"{count} scores: expected ({count}, 4)"
            )
        if len(self.offsets) == 0 or self.offsets[0] != 0 or self.offsets[-1] != count:
            raise ValueError(
                f"Detections.offsets must run from 0 to the number of detections "
                f"({count}), got {self.offsets[:1]} .. {self.offsets[-1:]}"
            )
        if self.embeddings is not None and len(self.embeddings) != count:
            raise ValueError(
                f"Detections.embeddings has {len(self.embeddings)} rows for {count} "
                f"detections"
            )

    @property
    def num_images(self) -> int:
        return len(self.offsets) - 1

    @property
    def counts(self) -> np.ndarray:
        """(I,) number of detections of every image."""
        return np.diff(self.offsets)

    @property
    def images(self) -> np.ndarray:
        """(N,) image index of every detection."""
        return np.repeat(np.arange(self.num_images), self.counts)

    def above(self, score_threshold: float) -> "Detections":
        """Detections with ``score >= score_threshold``; images stay, maybe empty.

        The threshold is rounded to the scores' precision first, so that a float32
        score of 0.7 reaches the threshold 0.7.
        """
        keep = self.scores >= np.asarray(score_threshold, dtype=self.scores.dtype)
        if keep.all():
            return self
        kept_before = offsets_from_counts(keep)
        return Detections(
            boxes=self.boxes[keep],
            scores=self.scores[keep],
            offsets=kept_before[self.offsets],
            embeddings=None if self.embeddings is None else self.embeddings[keep],
        )

    @classmethod
    def from_images(
        cls,
        boxes: Sequence[np.ndarray],
        scores: Sequence[np.ndarray],
        embeddings: Sequence[np.ndarray] | None = None,
    ) -> "Detections":
        """From one array per image; images without detections give empty arrays."""
        rows = None if embeddings is None else _join(embeddings, (0, 1))
        return cls(
            boxes=_join(boxes, (0, 4)),
            scores=_join(scores, (0,)),
            offsets=offsets_from_counts([len(image) for image in scores]),
            embeddings=rows,
        )

    @classmethod
    def from_ground_truth(
        cls, protocol: "SearchProtocol", embeddings: np.ndarray | None = None
    ) -> "Detections":
        """The protocol's ground-truth boxes as perfect detections with score 1.

        Args:
            protocol: The search protocol.
            embeddings: (G, D) embedding of every ground-truth box, in its order.
        """
        return cls(
            boxes=np.asarray(protocol.gt_boxes),
            scores=np.ones(len(protocol.gt_boxes), dtype=np.float32),
            offsets=np.asarray(protocol.gt_offsets),
            embeddings=embeddings,
        )


def _join(parts: Sequence[np.ndarray], empty: tuple[int, ...]) -> np.ndarray:
    """Concatenate what is not empty, so that empty lists do not change the type."""
    filled = [part for part in parts if len(part)]
    return np.concatenate(filled) if filled else np.zeros(empty, np.float32)

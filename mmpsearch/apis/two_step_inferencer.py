"""Find people with one model and embed them with another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmpsearch.apis.detections import ModelFingerprint
from mmpsearch.apis.detectors import Detector
from mmpsearch.apis.embedders import Embedder
from mmpsearch.apis.image_sources import SourceImage
from mmpsearch.apis.inferencer import require_batch_size
from mmpsearch.apis.scene_inferencer import SceneInferencer
from mmpsearch.datasets.transforms.spatial_shift import cut_crop


class TwoStepInferencer(SceneInferencer):
    """A detector and an embedder of any origin, used as one model.

    Args:
        detector: Finds the people.
        embedder: Embeds the crops.
        batch_size: Pictures that are looked at together; their crops are embedded
            together.
        score_threshold: Smallest score of a person, 0..1; None: the detector's usual.

    Attributes:
        fingerprint: Of the embedder, with the detector's name: galleries of one
            embedder can be compared, whoever found the people.

    Raises:
        ValueError: The batch size is below 1.

    Example:
        >>> inferencer = TwoStepInferencer(
        ...     GraphDetector("yolox_nano.onnx"),
        ...     GraphEmbedder("person-reidentification-retail-0287.xml"),
        ... )
        >>> for found in inferencer.detect(["street.jpg", "clip.mp4"]):
        ...     print(found.path, found.time, found.boxes, found.scores)
    """

    def __init__(
        self,
        detector: Detector,
        embedder: Embedder,
        batch_size: int = 1,
        score_threshold: float | None = None,
    ) -> None:
        self.batch_size = require_batch_size(batch_size)
        self.detector, self.embedder = detector, embedder
        self.score_threshold = (
            detector.score_threshold if score_threshold is None else score_threshold
        )
        self.fingerprint = ModelFingerprint(
            config=embedder.config,
            checkpoint=embedder.name,
            sha256=embedder.digest,
            detector=f"{detector.name} {detector.digest[:12]}",
        )
        self.drawn_people = detector.drawn_people or embedder.drawn_people
        grey = np.full((64, 32, 3), 128, np.uint8)
        self._dimension = embedder([grey]).shape[1]

    def _find(
        self, batch: Sequence[SourceImage]
    ) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        people = self.detector(batch, self.score_threshold)
        crops = [
            crop
            for image, found in zip(batch, people, strict=True)
            for crop in self._crops(image, found.boxes)
        ]
        nobody = np.empty((0, self._dimension), np.float32)
        rows = self.embedder(crops) if crops else nobody
        ends = np.cumsum([len(found.boxes) for found in people])[:-1]
        parts = np.split(rows, ends)
        return [
            (found.boxes, found.scores, part)
            for found, part in zip(people, parts, strict=True)
        ]

    def _embed(self, image: SourceImage, boxes: np.ndarray) -> np.ndarray:
        return self.embedder(self._crops(image, boxes))

    def _crops(self, image: SourceImage, boxes: np.ndarray) -> list[np.ndarray]:
        wide = widen(boxes, self.embedder.context)
        return [cut_crop(image.pixels, box) for box in wide]


def widen(boxes: np.ndarray, share: float) -> np.ndarray:
    """Boxes (N, 4) xyxy, each side moved outwards by a share of width or height."""
    margin = np.tile(boxes[:, 2:] - boxes[:, :2], 2) * share
    return boxes + margin * np.array([-1, -1, 1, 1], boxes.dtype)

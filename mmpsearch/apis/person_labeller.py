"""Person boxes from any detector, to pre-train on."""

from __future__ import annotations

import os

import numpy as np
from mmengine.config import Config

from mmpsearch.apis.detectors import Detector, MMDetDetector
from mmpsearch.apis.image_sources import SourceImage


class PersonLabeller:
    """A detector of which only the confident boxes of some size are wanted.

    Args:
        config: of MMDetection or of a project that builds on it; or any detector.
        checkpoint: file with all of the detector's weights.
        class_name: whom to keep.
        score_threshold: smallest score of a box.
        min_size: smallest width and height of a box, pixels.
        device: such as ``'cuda:1'``; None: the GPU when there is one.
        unsafe_load: unpickle whatever the checkpoint holds, which can run any code.

    Raises:
        ModelLoadError: config or checkpoint do not give a working detector, or it
            knows no such class.
    """

    def __init__(
        self,
        config: str | os.PathLike | Config | Detector,
        checkpoint: str | os.PathLike | None = None,
        class_name: str = "person",
        score_threshold: float = 0.5,
        min_size: float = 8.0,
        device: str | None = None,
        unsafe_load: bool = False,
    ) -> None:
        self.detector = (
            config
            if isinstance(config, Detector)
            else MMDetDetector(config, checkpoint, class_name, device, unsafe_load)
        )
        self.score_threshold, self.min_size = score_threshold, min_size

    def __call__(
        self, image: np.ndarray, path: str = ""
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find the people of one picture.

        Args:
            image: (H, W, 3) uint8, BGR.
            path: its file, which detectors that are files of boxes ask for.

        Returns:
            Boxes (N, 4) float32 xyxy in pixels, cut at the picture's border, and
            scores (N,) float32, best first.
        """
        picture = SourceImage(image, path)
        (found,) = self.detector([picture], self.score_threshold)
        large = (found.boxes[:, 2:] - found.boxes[:, :2] >= self.min_size).all(axis=1)
        return found.boxes[large], found.scores[large]

"""What every detector is to the search."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mmpsearch.apis.image_sources import SourceImage


class FoundPeople(NamedTuple):
    """The people of one picture.

    Attributes:
        boxes: (N, 4) float32 xyxy in pixels of the picture, inside it.
        scores: (N,) float32 in 0..1, descending.
    """

    boxes: np.ndarray
    scores: np.ndarray


class Detector(ABC):
    """Finds people in pictures.

    Attributes:
        name: What a user calls it, for messages and fingerprints.
        digest: SHA-256 of all that its boxes depend on.
        score_threshold: From which its scores mean a person, where nobody says so.
        drawn_people: It learned from drawn people, and will miss real ones.
    """

    name: str
    digest: str
    score_threshold: float
    drawn_people: bool = False

    @abstractmethod
    def __call__(
        self, images: Sequence[SourceImage], score_threshold: float
    ) -> list[FoundPeople]:
        """Find the people with at least this score, in every picture."""


def as_found(
    boxes: np.ndarray, scores: np.ndarray, size: tuple[int, int], threshold: float
) -> FoundPeople:
    """Cut boxes at the picture's border, drop the small and the unlikely, sort.

    Args:
        boxes: (N, 4) xyxy in pixels of the picture.
        scores: (N,).
        size: (height, width) of the picture.
        threshold: Smallest score.
    """
    height, width = size
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    scores = np.asarray(scores, np.float32).reshape(-1)
    boxes = boxes.clip(0, np.array([width, height, width, height], np.float32))
    kept = (boxes[:, 2:] - boxes[:, :2] >= 1).all(axis=1) & (scores >= threshold)
    boxes, scores = boxes[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")
    return FoundPeople(boxes[order], scores[order])

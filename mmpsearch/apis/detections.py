"""What the inferencer says about one picture, and which model said it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ModelFingerprint:
    """Identifies the weights that made an embedding.

    Two sets of embeddings can be compared only when ``sha256`` is the same; the
    names are there to tell a user which model it was.

    Attributes:
        config: File name of the config, or ``""``.
        checkpoint: File name of the checkpoint, or ``""``.
        sha256: Digest over the names, types and values of the weights.
    """

    config: str
    checkpoint: str
    sha256: str

    def __str__(self) -> str:
        name = self.checkpoint or "random weights"
        return f"{name} ({self.config or 'config'}, sha256 {self.sha256[:12]}…)"


@dataclass(frozen=True)
class Detections:
    """The people found in one picture.

    Attributes:
        boxes: (K, 4) float32, xyxy, pixels of the original picture.
        scores: (K,) float32 in 0..1, sorted as the model gives them.
        embeddings: (K, D) float32, L2-normalised.
        height: Height of the original picture.
        width: Width of the original picture.
        path: Absolute path of the picture or video; ``""`` for an array.
        time: Seconds since the video's start; None for a still picture.
        frame: Frame number in the video; -1 for a still picture.
        fingerprint: The model; None when unknown.
    """

    boxes: np.ndarray
    scores: np.ndarray
    embeddings: np.ndarray
    height: int
    width: int
    path: str = ""
    time: float | None = None
    frame: int = -1
    fingerprint: ModelFingerprint | None = None

    def __len__(self) -> int:
        return len(self.boxes)


def normalise(embeddings: np.ndarray) -> np.ndarray:
    """Scale rows to length 1 in float32; a row of zeros stays zero.

    Args:
        embeddings: (N, D), any floating type.
    """
    embeddings = np.asarray(embeddings, dtype=np.float32)
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return embeddings / np.maximum(lengths, np.finfo(np.float32).tiny)

"""The people found in one picture, and which model found them."""

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
        detector: What found the people, where that is another model: its name and the
            first digits of its digest. ``""``: the same model.
    """

    config: str
    checkpoint: str
    sha256: str
    detector: str = ""

    def __str__(self) -> str:
        name = self.checkpoint or "random weights"
        parts = [self.config] if self.config or self.detector else ["config"]
        parts.append(f"sha256 {self.sha256[:12]}…")
        found = f"people found by {self.detector}" if self.detector else ""
        return f"{name} ({', '.join(filter(None, [*parts, found]))})"


@dataclass(frozen=True)
class Detections:
    """The people found in one picture, or the best views of one file's tracks.

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
        camera: The camera's name; ``""`` when unknown.
        clock: Unix time (seconds since 1970, UTC) at which the picture was taken;
            None when unknown.
        tracks: (K,) int64, each person's track in this file, -1 for none; None when
            nothing was tracked.
        starts: (K,) float64, seconds since the video's start at which each person's
            track begins; None: when it was seen, ``time``.
        ends: (K,) float64, as ``starts``, the track's end.
        scene_embedding: (S,) float32 of the whole picture, for models that make one.
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
    camera: str = ""
    clock: float | None = None
    tracks: np.ndarray | None = None
    starts: np.ndarray | None = None
    ends: np.ndarray | None = None
    scene_embedding: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.boxes)


def normalise(embeddings: np.ndarray) -> np.ndarray:
    """Scale rows to length 1 in float32; a row of zeros stays zero.

    The lengths are taken in float64 after scaling by the largest value, so that tiny
    and huge rows keep their direction as they do in evaluation.

    Args:
        embeddings: (N, D), any floating type, finite.
    """
    embeddings = np.asarray(embeddings)
    if embeddings.dtype != np.float64:
        embeddings = embeddings.astype(np.float32, copy=False)
    if embeddings.size == 0:
        return embeddings.astype(np.float32)
    largest = np.abs(embeddings).max(axis=1, keepdims=True).astype(np.float64)
    scaled = embeddings / np.where(largest > 0, largest, 1.0)
    lengths = np.sqrt(np.einsum("nd,nd->n", scaled, scaled))[:, None]
    return (scaled / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)

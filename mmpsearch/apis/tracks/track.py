"""A track: the best views of one person, the mean embedding, start and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmpsearch.gallery.detections import Detections, ModelFingerprint, normalise


@dataclass(frozen=True, eq=False)
class View:
    """One person in one frame.

    Attributes:
        box: (4,) float32 xyxy, pixels of the frame.
        score: The detector's.
        embedding: (D,) float32, L2-normalised.
        time: Seconds since the video's start.
        frame: Number of the frame.
        clock: Unix time; None when unknown.
        quality: How well the person is seen, see ``view_qualities``.
        path: Of the picture or video that shows it.
        scene: (S,) float32 of the whole frame, for models that make one.
    """

    box: np.ndarray
    score: float
    embedding: np.ndarray
    time: float
    frame: int
    clock: float | None
    quality: float
    path: str
    scene: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Track:
    """One person followed through one video.

    Attributes:
        number: Within the video.
        views: The best ones, by time.
        embedding: (D,) float32, L2-normalised; the mean over all sightings.
        start: Seconds since the video's start, first sighting.
        end: Last sighting.
        sightings: Number of frames in which the person was seen.
        size: Height and width of a frame.
        camera: Its name; ``""`` when unknown.
        fingerprint: The model that made the embeddings.
    """

    number: int
    views: tuple[View, ...]
    embedding: np.ndarray
    start: float
    end: float
    sightings: int
    size: tuple[int, int]
    camera: str
    fingerprint: ModelFingerprint | None

    def detections(self) -> list[Detections]:
        """What a gallery holds of the track: its views, each with start and end."""
        return [
            Detections(
                boxes=view.box[None],
                scores=np.array([view.score], np.float32),
                embeddings=view.embedding[None],
                height=self.size[0],
                width=self.size[1],
                path=view.path,
                time=view.time,
                frame=view.frame,
                fingerprint=self.fingerprint,
                camera=self.camera,
                clock=view.clock,
                tracks=np.array([self.number]),
                starts=np.array([self.start]),
                ends=np.array([self.end]),
                scene_embedding=view.scene,
            )
            for view in self.views
        ]


class OpenTrack:
    """A track while it is followed; its size does not grow with its length.

    Time is cut into equal periods, and each keeps its best view. When there are too
    many, the periods are made twice as long: so the views spread over the track.

    Args:
        number: Of the track.
        max_views: Views that are kept.
        spacing: Seconds that a period has at first.
    """

    def __init__(self, number: int, max_views: int, spacing: float) -> None:
        self.number = number
        self.sightings = 0
        self._max_views = max_views
        self._period = spacing
        self._best: dict[int, View] = {}  # period since the start -> its best view
        self._sum: np.ndarray | None = None
        self._start = self._end = 0.0

    def add(self, view: View) -> None:
        """Take the person's next sighting."""
        embedding = view.embedding.astype(np.float64)
        self._sum = embedding if self._sum is None else self._sum + embedding
        if self.sightings == 0:
            self._start = view.time
        self._end = view.time
        self.sightings += 1
        self._keep_better(view)
        while len(self._best) > self._max_views:
            self._period *= 2
            kept, self._best = self._best, {}
            for view in kept.values():
                self._keep_better(view)

    def _keep_better(self, view: View) -> None:
        period = int((view.time - self._start) / self._period)
        rival = self._best.get(period)
        if rival is None or view.quality > rival.quality:
            self._best[period] = view

    def close(
        self,
        size: tuple[int, int],
        camera: str,
        fingerprint: ModelFingerprint | None,
    ) -> Track:
        """The finished track."""
        return Track(
            number=self.number,
            views=tuple(self._best[period] for period in sorted(self._best)),
            embedding=normalise(self._sum[None])[0],
            start=self._start,
            end=self._end,
            sightings=self.sightings,
            size=size,
            camera=camera,
            fingerprint=fingerprint,
        )


def view_qualities(
    boxes: np.ndarray, scores: np.ndarray, height: int, width: int
) -> np.ndarray:
    """How well each person of a frame is seen, to choose views by.

    The detector's score times the box's height as a share of the frame's, less where
    another box that ends lower (its person stands in front) covers it, and halved
    where the box is cut by the frame's border.

    Args:
        boxes: (N, 4) xyxy, pixels of the frame.
        scores: (N,) of the detector.
        height: Of the frame.
        width: Of the frame.

    Returns:
        (N,) float64, larger is better.
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    overlap = np.minimum(high, boxes[None, :, 2:]) - np.maximum(low, boxes[None, :, :2])
    shared = np.clip(overlap, 0, None).prod(axis=2)  # (N, N)
    in_front = boxes[None, :, 3] > boxes[:, None, 3]
    area = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-9)
    covered = np.where(in_front, shared, 0).max(axis=1, initial=0) / area
    cut = (boxes[:, :2] <= 1).any(axis=1) | (boxes[:, 2] >= width - 1)
    cut |= boxes[:, 3] >= height - 1
    seen = np.asarray(scores, np.float64) * (boxes[:, 3] - boxes[:, 1]) / height
    return seen * (1 - np.clip(covered, 0, 1)) * np.where(cut, 0.5, 1.0)

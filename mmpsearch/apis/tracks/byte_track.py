"""MMDetection's ByteTrack over what an inferencer finds in one video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from mmdet.structures import DetDataSample
from mmengine.structures import InstanceData

from mmpsearch.apis.tracks.track import OpenTrack, Track, View, view_qualities
from mmpsearch.errors import InputError
from mmpsearch.gallery.detections import Detections


@dataclass(frozen=True)
class TrackOptions:
    """How people are followed.

    Attributes:
        max_views: Views of a track that are kept.
        spacing: Seconds that each of them stands for at least.
        patience: Seconds for which somebody who is not seen is waited for.
        min_sightings: Tracks of fewer sightings are dropped.
        match_iou: Smallest overlap with the predicted place, of confident boxes.
    """

    max_views: int = 5
    spacing: float = 0.5
    patience: float = 1.5
    min_sightings: int = 1
    match_iou: float = 0.1


class PersonTracker:
    """Follows the people of one video (Zhang et al., ByteTrack, ECCV 2022).

    Boxes are matched by place, as ByteTrack does; the embeddings are not used for it
    but averaged over each track. So the frames must follow each other closely enough
    that a person's boxes overlap: about five frames a second for people who walk.

    Args:
        score_threshold: Boxes above begin tracks and are matched first; the rest
            (above 0.1) can only go on with one.
        options: See ``TrackOptions``.

    Attributes:
        numbers: (K,) int64, the track of every box of the last frame; -1 for none.

    Raises:
        InputError: The package ``lap`` is missing.
    """

    def __init__(
        self, score_threshold: float = 0.5, options: TrackOptions | None = None
    ) -> None:
        self.options = options or TrackOptions()
        self._tracker = _byte_tracker(score_threshold, self.options.match_iou)
        self._open: dict[int, OpenTrack] = {}
        self.numbers = np.empty(0, np.int64)
        self._frames = 0
        self._last_time: float | None = None
        self._last: Detections | None = None

    def update(self, found: Detections) -> list[Track]:
        """Take the next frame.

        Args:
            found: Of one frame; its time must not be smaller than that before.

        Returns:
            Tracks that have ended, in the order of their numbers.
        """
        self._set_patience(found.time or 0.0)
        numbers = self.numbers = self._match(found)
        qualities = view_qualities(found.boxes, found.scores, found.height, found.width)
        for row, number in enumerate(numbers.tolist()):
            if number >= 0:
                track = self._open.get(number)
                if track is None:
                    track = OpenTrack(
                        number, self.options.max_views, self.options.spacing
                    )
                    self._open[number] = track
                track.add(_view(found, row, float(qualities[row])))
        self._last = found
        alive = self._tracker.tracks
        return self._close([number for number in self._open if number not in alive])

    def finish(self) -> list[Track]:
        """End the video; the tracks that were still followed."""
        return self._close(list(self._open))

    def _close(self, numbers: Sequence[int]) -> list[Track]:
        tracks = [self._open.pop(number) for number in sorted(numbers)]
        last = self._last
        return [
            track.close((last.height, last.width), last.camera, last.fingerprint)
            for track in tracks
            if track.sightings >= self.options.min_sightings
        ]

    def _set_patience(self, time: float) -> None:
        """ByteTrack waits for a number of frames; ours is in seconds."""
        if self._last_time is not None and time > self._last_time:
            frames = self.options.patience / (time - self._last_time)
            self._tracker.num_frames_retain = max(2, round(frames) + 1)
        self._last_time = time

    def _match(self, found: Detections) -> np.ndarray:
        """(K,) int64, the track of every box; -1 for none."""
        count = len(found)
        # A box of score -1 is passed over, but without any box the tracker would not
        # move its tracks on to where they should be by now.
        people = InstanceData(
            bboxes=torch.from_numpy(np.zeros((count + 1, 4), np.float32)),
            scores=torch.full((count + 1,), -1.0),
            labels=torch.zeros(count + 1, dtype=torch.long),
            # carried along with its box, whatever it is: here the box's row
            masks=torch.arange(count + 1),
        )
        people.bboxes[:count] = torch.from_numpy(np.asarray(found.boxes, np.float32))
        people.scores[:count] = torch.from_numpy(np.asarray(found.scores, np.float32))
        sample = DetDataSample(metainfo=dict(frame_id=self._frames))
        sample.pred_instances = people
        self._frames += 1
        tracked = self._tracker.track(sample)
        numbers = np.full(count, -1, np.int64)
        numbers[tracked.masks.numpy()] = tracked.instances_id.numpy()
        self._forget()
        return numbers

    def _forget(self) -> None:
        """Drop the past, of which the tracker reads the last few entries only."""
        for track in self._tracker.tracks.values():
            for name in self._tracker.memo_items:
                del track[name][: -self._tracker.num_tentatives]


def _view(found: Detections, row: int, quality: float) -> View:
    return View(
        box=np.asarray(found.boxes[row], np.float32),
        score=float(found.scores[row]),
        embedding=np.asarray(found.embeddings[row], np.float32),
        time=found.time or 0.0,
        frame=found.frame,
        clock=found.clock,
        quality=quality,
        path=found.path,
        scene=found.scene_embedding,
    )


def _byte_tracker(score_threshold: float, match_iou: float):
    try:
        import lap  # noqa: F401
    except ImportError as error:
        raise InputError("ByteTrack needs the package lap: pip install lap") from error
    from mmdet.models.task_modules.tracking import KalmanFilter
    from mmdet.models.trackers import ByteTracker

    just_below = float(np.nextafter(np.float32(score_threshold), np.float32(-1)))
    tracker = ByteTracker(
        obj_score_thrs=dict(high=just_below, low=min(0.1, just_below)),
        init_track_thr=just_below,
        match_iou_thrs=dict(high=match_iou, low=0.5, tentative=0.3),
    )
    tracker.motion = KalmanFilter()
    return tracker

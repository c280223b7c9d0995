"""One picture of a source, and which frames of a video are looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SourceImage:
    """One picture and where it came from.

    Attributes:
        pixels: (H, W, 3) uint8, BGR, upright.
        path: Absolute path of the picture or video, or address of the stream; for an
            array its ``name``, or ``""``.
        time: Seconds since the video's or stream's start; None for still pictures.
        frame: Number of the frame in its video, from 0; -1 for still pictures.
        camera: The camera's name; ``""`` when unknown.
        clock: Unix time at which it was taken; None when unknown.
    """

    pixels: np.ndarray
    path: str = ""
    time: float | None = None
    frame: int = -1
    camera: str = ""
    clock: float | None = None


class FrameChoice:
    """Which frames of a video are looked at; one object follows one video.

    Args:
        frame_step: Every so many-th frame, the first one included.
        fps: Instead, so many frames a second by their time stamps (at most; where
            the video has fewer, all of them), whatever the video's own rate and
            however it varies.
        first: Number of the first frame of the part of a video that is looked at. The
            parts of a video together have the frames that the whole has.
        last: Number of the frame behind the last one; None: to the end.

    Raises:
        ValueError: ``frame_step`` below 1, or ``fps`` not positive.
    """

    def __init__(
        self,
        frame_step: int = 1,
        fps: float | None = None,
        first: int = 0,
        last: int | None = None,
    ) -> None:
        if frame_step < 1:
            raise ValueError(f"frame_step must be at least 1, not {frame_step}")
        if fps is not None and not 0 < fps < float("inf"):
            raise ValueError(f"fps must be a positive number, not {fps}")
        self.frame_step = frame_step
        self.interval = None if fps is None else 1 / fps
        self.first, self.last = first, last
        self._due = float("-inf")

    def wants(self, number: int, time: float) -> bool:
        """Whether to look at a frame.

        Args:
            number: From 0.
            time: Seconds; of later frames not smaller.
        """
        return self._on_beat(number, time) and number >= self.first

    def is_over(self, number: int) -> bool:
        """Whether neither this frame nor a later one is looked at."""
        return self.last is not None and number >= self.last

    def _on_beat(self, number: int, time: float) -> bool:
        if self.interval is None:
            return number % self.frame_step == 0
        if time < self._due - 1e-6:  # stamps are rounded to milliseconds or so
            return False
        late = time - self._due
        # keep the beat, unless frames are rarer than it
        self._due = (time if late > self.interval else self._due) + self.interval
        return True

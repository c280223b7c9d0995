"""What is in the middle of a video: a frame whose time is known, a clip; its length."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from mmpsearch.apis.image_sources import is_video, read_frame
from mmpsearch.apis.sources.animation import USUAL_DURATION, is_animation
from mmpsearch.apis.sources.numbered_frame import SOONER, seek_frame
from mmpsearch.apis.sources.video_file import open_video
from mmpsearch.datasets.io.picture_arrays import array_to_bgr
from mmpsearch.datasets.io.picture_reading import open_picture
from mmpsearch.errors import ImageReadError


def read_frame_at(
    path: str | os.PathLike, frame: int, time: float | None = None
) -> np.ndarray:
    """As ``read_frame``, and sooner where the frame's time is known.

    Args:
        path: Picture or video.
        frame: Number of the frame; -1 for a still picture.
        time: Its time stamp, by which the frame is known again; None: unknown.

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        ImageReadError: Unreadable, or the video has no such frame.
    """
    if frame >= SOONER and time is not None and not is_animation(path):
        pixels = seek_frame(path, frame, time)
        if pixels is not None:
            return pixels
    return read_frame(path, frame)


def frames_around(
    path: str | os.PathLike, time: float, seconds: float, most: int
) -> Iterator[tuple[float, np.ndarray]]:
    """The part of a video around a moment.

    Args:
        path: A video.
        time: Seconds since its start.
        seconds: Before and after it.
        most: Frames at most; of a video with more, evenly spaced ones.

    Yields:
        Time stamp, and (H, W, 3) uint8 BGR.

    Raises:
        ImageReadError: Not a video that can be decoded.
    """
    if not is_video(path) or is_animation(path):
        raise ImageReadError(path, "it is not a video from which a clip can be cut")
    with _opened(path) as capture:
        rate = capture.get(cv2.CAP_PROP_FPS) or 25.0
        step = max(1, int(np.ceil(2 * seconds * rate / most)))
        capture.set(cv2.CAP_PROP_POS_MSEC, max(0.0, time - seconds) * 1000)
        number = 0
        while capture.grab():
            stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if stamp > time + seconds:
                return
            if number % step == 0:
                decoded, pixels = capture.retrieve()
                if not decoded:
                    return
                yield stamp, array_to_bgr(pixels)
            number += 1


def video_rate(path: str | os.PathLike) -> float:
    """Frames a second, as the container announces them."""
    if is_animation(path):
        return 1 / USUAL_DURATION
    with _opened(path) as capture:
        rate = capture.get(cv2.CAP_PROP_FPS)
    return rate if 0 < rate < 1000 else 25.0


def video_length(path: str | os.PathLike) -> float:
    """Seconds, as the container announces them; 0 where it does not."""
    if is_animation(path):
        with open_picture(path) as image:
            return image.n_frames * USUAL_DURATION
    with _opened(path) as capture:
        rate = capture.get(cv2.CAP_PROP_FPS)
        frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return max(0.0, frames / rate) if 0 < rate < 1000 else 0.0


@contextmanager
def _opened(path: str | os.PathLike) -> Iterator[cv2.VideoCapture]:
    capture = open_video(os.path.abspath(path))
    try:
        yield capture
    finally:
        capture.release()

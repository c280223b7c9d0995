"""Videos in files: their frames with number and time stamp."""

from __future__ import annotations

import os
from collections.abc import Iterator

import cv2
import numpy as np

from mmpsearch.apis.sources.frame import FrameChoice, SourceImage
from mmpsearch.datasets.io.picture_arrays import array_to_bgr
from mmpsearch.datasets.io.picture_files import has_suffix
from mmpsearch.datasets.io.picture_reading import check_pixels, open_regular_file
from mmpsearch.errors import ImageReadError

VIDEO_SUFFIXES = frozenset(
    ".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .mts .m2ts .ts .wmv .flv .3gp".split()
)
# A container's frame count is an estimate; below this share of it the file is cut.
COMPLETE_SHARE = 0.9
# FFmpeg would follow what such text files name, wherever it is.
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"<?xml", b"[playlist]", b"v=0")


def has_video_suffix(path: str | os.PathLike) -> bool:
    """Whether the name ends like a video's."""
    return has_suffix(path, VIDEO_SUFFIXES)


def iter_video_file(
    path: str | os.PathLike, choice: FrameChoice
) -> Iterator[SourceImage]:
    """Decode the chosen frames of a video, upright (phones store a rotation).

    Yields:
        Frames with their number and time stamp in seconds. The stamp is the
        container's where it has one that grows, else the one before and 1 / rate.

    Raises:
        ImageReadError: Not a readable video, or, after the frames that could be
            decoded, a video that ends well before its announced length.
    """
    path = os.path.abspath(path)
    capture = open_video(path)
    try:
        announced = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        number, stamps = 0, TimeStamps(capture)
        while not choice.is_over(number) and capture.grab():
            time = stamps.next()
            if choice.wants(number, time):
                decoded, pixels = capture.retrieve()
                if not decoded:
                    break
                yield SourceImage(array_to_bgr(pixels), path, time, number)
            number += 1
    finally:
        capture.release()
    if number == 0:
        raise ImageReadError(path, "the video has no frame that can be decoded")
    if number < COMPLETE_SHARE * announced and not choice.is_over(number):
        reason = f"the video breaks off after {number} of {announced} frames"
        raise ImageReadError(path, f"{reason}; the frames before are used")


def count_frames(path: str | os.PathLike) -> int:
    """Number of frames that the container announces; 0 where it does not.

    Raises:
        ImageReadError: Not a readable video.
    """
    capture = open_video(os.path.abspath(path))
    try:
        return max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
    finally:
        capture.release()


def read_video_frame(path: str | os.PathLike, frame: int) -> np.ndarray:
    """One frame of a video.

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        ImageReadError: Unreadable, or the video has no such frame.
    """
    capture = open_video(os.path.abspath(path))
    try:
        for _ in range(frame):  # exact, where seeking is not in every container
            if not capture.grab():
                break
        decoded, pixels = capture.read()
    finally:
        capture.release()
    if not decoded:
        raise ImageReadError(path, f"the video has no frame {frame}")
    return array_to_bgr(pixels)


class TimeStamps:
    """Times of the frames that a capture grabs, each later than the one before."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        rate = capture.get(cv2.CAP_PROP_FPS)
        self._usual = 1 / rate if 0 < rate < 1000 else 0.04
        self._last: float | None = None

    def next(self) -> float:
        """Seconds since the start, of the frame that was grabbed last."""
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if self._last is None:
            stamp = max(stamp, 0.0)
        elif not stamp > self._last:  # no stamps in this container, or they jump back
            stamp = self._last + self._usual
        self._last = stamp
        return stamp


def open_video(path: str) -> cv2.VideoCapture:
    """A capture of a file that is a video, and no larger than pictures may be.

    Raises:
        ImageReadError: It is something else.
    """
    with open_regular_file(path) as file:
        beginning = file.read(64).lstrip()
    if beginning.startswith(PLAYLISTS):
        raise ImageReadError(path, "it is a list of other files, not a video")
    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    if not capture.isOpened():
        capture.release()
        raise ImageReadError(path, "it is not a video that OpenCV can decode")
    size = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    try:
        check_pixels(path, *(int(capture.get(side)) for side in size))
    except ImageReadError:
        capture.release()
        raise
    return capture

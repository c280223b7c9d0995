"""A frame of a video by its number, without decoding all that comes before."""

from __future__ import annotations

import os

import cv2
import numpy as np

from mmpsearch.apis.sources.video_file import open_video, read_video_frame
from mmpsearch.datasets.io.picture_arrays import array_to_bgr

SOONER = 64  # fewer frames are decoded from the start, which is always exact
SAME_TIME = 0.002  # seconds; stamps are rounded to milliseconds
REORDERED = 32  # packets: more than any codec stores a picture before its turn


def read_numbered_frame(path: str | os.PathLike, frame: int) -> np.ndarray:
    """As ``read_video_frame``, by seeking where that can be checked.

    The packets before the frame are counted, but not decoded, which takes about a
    hundredth of the time; their stamps tell that of the frame, by which it is known
    again after seeking. Decoded from the start are videos whose frames come at
    uneven times or have no stamps, and all by OpenCV before 4.9. Where packets are
    damaged and give no picture, the number counts them too.

    Args:
        path: A video.
        frame: From 0.

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        ImageReadError: Unreadable, or the video has no such frame.
    """
    if frame >= SOONER and (time := frame_time(path, frame)) is not None:
        pixels = seek_frame(path, frame, time)
        if pixels is not None:
            return pixels
    return read_video_frame(path, frame)


def frame_time(path: str | os.PathLike, frame: int) -> float | None:
    """The time stamp of a frame, told from the video's packets.

    Returns:
        Seconds; None where it cannot be told: there are fewer packets, or the first
        of them is not the first picture.

    Raises:
        ImageReadError: Not a video that can be decoded.
    """
    path = os.path.abspath(path)
    capture = open_video(path)
    first = _stamp(capture) if capture.grab() else None
    capture.release()
    packets = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1])
    stamps: list[float] = []
    while len(stamps) <= frame + REORDERED and packets.grab():
        stamps.append(_stamp(packets))
    packets.release()
    if first is None or len(stamps) <= frame:
        return None
    in_order = np.partition(stamps, (0, frame))
    return float(in_order[frame]) if abs(in_order[0] - first) <= SAME_TIME else None


def seek_frame(path: str | os.PathLike, frame: int, time: float) -> np.ndarray | None:
    """A frame that is known again by its time stamp.

    Args:
        path: A video.
        frame: From 0.
        time: Its time stamp in seconds.

    Returns:
        (H, W, 3) uint8, BGR; None where seeking leads to another frame.

    Raises:
        ImageReadError: Not a video that can be decoded.
    """
    capture = open_video(os.path.abspath(path))
    try:
        capture.set(cv2.CAP_PROP_POS_FRAMES, frame)
        decoded, pixels = capture.read()
        found = decoded and abs(_stamp(capture) - time) <= SAME_TIME
    finally:
        capture.release()
    return array_to_bgr(pixels) if found else None


def _stamp(capture: cv2.VideoCapture) -> float:
    return capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

"""Folders, files, videos and arrays as one stream of pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mmpsearch.apis.image_reading import array_to_bgr, read_image
from mmpsearch.datasets.io.picture_files import (
    PICTURE_SUFFIXES,
    LeftOut,
    find_files,
    has_suffix,
)
from mmpsearch.errors import ImageReadError

VIDEO_SUFFIXES = frozenset(
    ".mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg .mts .m2ts .ts .wmv .flv .3gp".split()
)
# A container's frame count is an estimate; below this share of it the file is cut.
COMPLETE_SHARE = 0.9

Source = str | os.PathLike | np.ndarray
Sources = Source | Iterable[Source]


@dataclass(frozen=True)
class SourceImage:
    """One picture and where it came from.

    Attributes:
        pixels: (H, W, 3) uint8, BGR, upright.
        path: Absolute path of the picture or video; for an array its ``name``, or
            ``""``.
        time: Seconds since the video's start; None for still pictures.
        frame: Number of the frame in its video, from 0; -1 for still pictures.
    """

    pixels: np.ndarray
    path: str = ""
    time: float | None = None
    frame: int = -1


def is_video(path: str | os.PathLike) -> bool:
    """Whether the name ends like a video's."""
    return has_suffix(path, VIDEO_SUFFIXES)


def list_files(
    source: str | os.PathLike | Iterable[str | os.PathLike],
    left_out: LeftOut | None = None,
) -> list[str]:
    """Absolute paths of the pictures and videos that a user named.

    A folder is searched with its sub-folders for known endings, as ``find_files``
    does, sorted by name; files are taken as they are, in the order given; a
    file that is named twice is listed once.

    Args:
        source: A file or folder, or several.
        left_out: Receives what the search of folders passed over.

    Raises:
        ImageReadError: A path that does not exist, or a folder that cannot be opened.
    """
    if isinstance(source, (str, os.PathLike)):
        source = [source]
    found: dict[str, None] = {}
    for entry in source:
        path = Path(entry)
        if not path.exists():
            raise ImageReadError(path, "there is no such file or folder")
        for file in _search(path, left_out) if path.is_dir() else [path]:
            found[os.path.abspath(file)] = None
    return list(found)


def _search(folder: Path, left_out: LeftOut | None) -> list[str]:
    try:
        found = find_files(folder, PICTURE_SUFFIXES | VIDEO_SUFFIXES)
    except OSError as error:
        raise ImageReadError(folder, str(error.strerror)) from error
    if left_out is not None:
        left_out.update(found.left_out)
    return found.paths


def read_one(source: Source) -> SourceImage:
    """Read one still picture.

    Raises:
        ImageReadError: It cannot be read, or is a folder or a video.
    """
    if isinstance(source, np.ndarray):
        return SourceImage(array_to_bgr(source))
    return SourceImage(read_image(source), os.path.abspath(source))


def iter_images(
    sources: Sources,
    frame_step: int = 1,
    on_error: Callable[[ImageReadError], None] | None = None,
) -> Iterator[SourceImage]:
    """Read pictures one after the other.

    Args:
        sources: A path (picture, video or folder), an array, or an iterable of them.
        frame_step: Of a video every ``frame_step``-th frame is read, the first one
            included.
        on_error: Called for each file that cannot be read, which is then skipped.
            None: the error is raised.

    Yields:
        The pictures in the order of ``list_files``.
    """
    if isinstance(sources, (str, os.PathLike, np.ndarray)):
        sources = [sources]
    for source in sources:
        if isinstance(source, np.ndarray):
            yield SourceImage(array_to_bgr(source))
            continue
        try:
            files = list_files(source)
            for file in files:
                yield from _iter_file(file, frame_step, on_error)
        except ImageReadError as error:
            if on_error is None:
                raise
            on_error(error)


def _iter_file(
    file: str, frame_step: int, on_error: Callable[[ImageReadError], None] | None
) -> Iterator[SourceImage]:
    try:
        if is_video(file):
            yield from iter_video(file, frame_step)
        else:
            yield SourceImage(read_image(file), file)
    except ImageReadError as error:
        if on_error is None:
            raise
        on_error(error)


def iter_video(path: str | os.PathLike, frame_step: int = 1) -> Iterator[SourceImage]:
    """Decode every ``frame_step``-th frame of a video.

    Yields:
        Frames with their number and time stamp in seconds. The stamp is the
        container's where it has one, else number / frames per second.

    Raises:
        ValueError: ``frame_step`` below 1.
        ImageReadError: Not a readable video, or, after the frames that could be
            decoded, a video that ends well before its announced length.
    """
    if frame_step < 1:
        raise ValueError(f"frame_step must be at least 1, not {frame_step}")
    path = os.path.abspath(path)
    capture = _open_video(path)
    try:
        rate = capture.get(cv2.CAP_PROP_FPS)
        announced = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        number, last_time = 0, -1.0
        while capture.grab():
            if number % frame_step == 0:
                decoded, pixels = capture.retrieve()
                if not decoded:
                    break
                stamp = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                if stamp <= last_time:  # no stamps in this container
                    stamp = number / rate if rate > 0 else float(number)
                last_time = stamp
                yield SourceImage(array_to_bgr(pixels), path, stamp, number)
            number += 1
    finally:
        capture.release()
    if number == 0:
        raise ImageReadError(path, "the video has no frame that can be decoded")
    if number < COMPLETE_SHARE * announced:
        reason = f"the video breaks off after {number} of {announced} frames"
        raise ImageReadError(path, f"{reason}; the frames before are used")


def read_frame(path: str | os.PathLike, frame: int) -> np.ndarray:
    """The picture of a file: frame ``frame`` of a video, or a still picture (-1).

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        ImageReadError: Unreadable, or the video has no such frame.
    """
    if frame < 0:
        return read_image(path)
    capture = _open_video(os.fspath(path))
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


def _open_video(path: str) -> cv2.VideoCapture:
    if not os.path.exists(path):
        raise ImageReadError(path, "there is no such file")
    capture = cv2.VideoCapture(path)
    if not capture.isOpened():
        capture.release()
        raise ImageReadError(path, "it is not a video that OpenCV can decode")
    return capture

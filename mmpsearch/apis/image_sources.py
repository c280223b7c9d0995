"""Files, folders, videos, streams and arrays as one stream of pictures."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from mmpsearch.apis.image_reading import (
    InMemory,
    in_memory_to_bgr,
    is_in_memory,
    read_image,
)
from mmpsearch.apis.sources.addresses import is_stream
from mmpsearch.apis.sources.animation import (
    is_animation,
    iter_animation,
    read_animation_frame,
)
from mmpsearch.apis.sources.frame import FrameChoice, SourceImage
from mmpsearch.apis.sources.numbered_frame import read_numbered_frame
from mmpsearch.apis.sources.stream import iter_stream
from mmpsearch.apis.sources.video_file import (
    VIDEO_SUFFIXES,
    has_video_suffix,
    iter_video_file,
)
from mmpsearch.datasets.io.image_files import remedy_of_missing
from mmpsearch.datasets.io.picture_files import PICTURE_SUFFIXES, LeftOut, find_files
from mmpsearch.errors import ImageReadError, InputError

Source = str | os.PathLike | InMemory
Sources = Source | SourceImage | Iterable[Source | SourceImage]


def is_video(path: str | os.PathLike) -> bool:
    """Whether a file is a video by its name, or a picture with several frames."""
    return has_video_suffix(path) or is_animation(path)


def list_files(
    source: str | os.PathLike | Iterable[str | os.PathLike],
    left_out: LeftOut | None = None,
) -> list[str]:
    """Absolute paths of the pictures and videos that a user named.

    A folder is searched with its sub-folders for known endings, as ``find_files``
    does, sorted by name; files are taken as they are, in the order given; a name that
    does not exist and has ``*``, ``?`` or ``[`` is a pattern (``**`` for any
    folders); a file that is named twice is listed once.

    Args:
        source: A file, folder or pattern, or several.
        left_out: Receives what the search of folders passed over.

    Raises:
        ImageReadError: A path that does not exist, or a folder that cannot be opened.
    """
    if isinstance(source, (str, os.PathLike)):
        source = [source]
    found: dict[str, None] = {}
    for entry in source:
        for path in _expand(entry):
            for file in _search(path, left_out) if path.is_dir() else [path]:
                found[os.path.abspath(file)] = None
    return list(found)


def _expand(entry: str | os.PathLike) -> list[Path]:
    """The path itself, or those that fit the pattern, sorted."""
    path = Path(entry)
    if os.path.exists(path):
        return [path]
    pattern = os.fspath(path)
    if not glob.has_magic(pattern):
        nothing = "there is no such file or folder"
        remedy = remedy_of_missing(pattern, "")
        raise ImageReadError(path, f"{nothing}; {remedy}" if remedy else nothing)
    matches = sorted(glob.glob(pattern, recursive=True))
    if not matches:
        raise ImageReadError(path, "nothing fits the pattern")
    return [Path(match) for match in matches]


def _search(folder: Path, left_out: LeftOut | None) -> list[str]:
    try:
        found = find_files(folder, PICTURE_SUFFIXES | VIDEO_SUFFIXES)
    except OSError as error:
        raise ImageReadError(folder, str(error.strerror)) from error
    if left_out is not None:
        left_out.update(found.left_out)
    return found.paths


def read_one(source: Source, frame: int | None = None) -> SourceImage:
    """Read one picture: a still one, or a frame of a video.

    Args:
        source: A path, or a picture in memory.
        frame: Number of the frame, from 0. Of an animation the first one is read
            without it.

    Raises:
        ImageReadError: It cannot be read, or is a folder, or a video without ``frame``.
        InputError: It is neither a path nor a picture in memory, or a still picture
            with ``frame``.
    """
    require_source(source)
    if is_in_memory(source):
        return SourceImage(in_memory_to_bgr(source))
    path = os.path.abspath(source)
    if not is_video(path):
        if frame is not None:
            raise InputError(f"{path} is a still picture: it has no frame {frame}")
        return SourceImage(read_image(path), path)
    if frame is None and has_video_suffix(path):
        raise ImageReadError(path, "it is a video: say which frame, from 0")
    frame = frame or 0
    if frame < 0:
        raise ImageReadError(path, f"frames are counted from 0, not {frame}")
    return SourceImage(read_frame(path, frame), path, frame=frame)


def require_source(source: object) -> None:
    """Refuse what is neither a path nor a picture in memory.

    Raises:
        InputError: Naming what was given and what is taken.
    """
    if not isinstance(source, (str, os.PathLike, SourceImage)) and not is_in_memory(
        source
    ):
        raise InputError(
            f"{type(source).__name__} {source!r:.40}: expected the path of a picture, "
            "an array in BGR order, a Pillow image or a tensor (cv2.imread returns "
            "None for a file that it cannot read)"
        )


def iter_images(
    sources: Sources,
    frame_step: int = 1,
    on_error: Callable[[ImageReadError], None] | None = None,
    fps: float | None = None,
) -> Iterator[SourceImage]:
    """Read pictures one after the other.

    Args:
        sources: A path (picture, video, folder or pattern), the address of a stream,
            an array, a picture that was read before, or an iterable of them.
        frame_step: Of a video every ``frame_step``-th frame is read, the first one
            included.
        on_error: Called for each file that cannot be read, which is then skipped.
            None: the error is raised.
        fps: In place of ``frame_step``: so many frames a second.

    Yields:
        The pictures in the order of ``list_files``.

    Raises:
        InputError: A source is neither a path nor a picture in memory.
    """
    FrameChoice(frame_step, fps)  # refused before anything is read
    if isinstance(sources, (str, os.PathLike, SourceImage)) or is_in_memory(sources):
        sources = [sources]
    if not isinstance(sources, Iterable) or isinstance(sources, (bytes, dict)):
        require_source(sources)
    for source in sources:
        require_source(source)
        if isinstance(source, SourceImage):
            yield source
            continue
        try:
            if is_in_memory(source):
                yield SourceImage(in_memory_to_bgr(source))
            elif is_stream(source):
                yield from iter_stream(source, FrameChoice(frame_step, fps))
            else:
                for file in list_files(source):
                    yield from iter_file(file, FrameChoice(frame_step, fps), on_error)
        except ImageReadError as error:
            if on_error is None:
                raise
            on_error(error)


def iter_file(
    file: str,
    choice: FrameChoice,
    on_error: Callable[[ImageReadError], None] | None = None,
) -> Iterator[SourceImage]:
    """The pictures of one file: a picture, or the chosen frames of a video.

    Args:
        file: Its absolute path.
        choice: Which frames are looked at.
        on_error: As in ``iter_images``.
    """
    try:
        if has_video_suffix(file):
            yield from iter_video_file(file, choice)
        elif is_animation(file):
            yield from iter_animation(file, choice)
        else:
            yield SourceImage(read_image(file), file)
    except ImageReadError as error:
        if on_error is None:
            raise
        on_error(error)


def iter_video(path: str | os.PathLike, frame_step: int = 1) -> Iterator[SourceImage]:
    """Decode every ``frame_step``-th frame of a video; see ``iter_video_file``.

    Raises:
        ValueError: ``frame_step`` below 1.
        ImageReadError: Not a readable video, or one that breaks off.
    """
    return iter_video_file(path, FrameChoice(frame_step))


def read_frame(path: str | os.PathLike, frame: int) -> np.ndarray:
    """The picture of a file: frame ``frame`` of a video, or a still picture (-1).

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        ImageReadError: Unreadable, or the video has no such frame.
    """
    if frame < 0:
        return read_image(path)
    if has_video_suffix(path):
        return read_numbered_frame(path, frame)
    return read_animation_frame(path, frame)

"""Pictures as the page shows them: JPEG data inside the page, no file is served."""

from __future__ import annotations

import base64
import io
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from mmpsearch.apis.sources.seeking import frames_around, read_frame_at
from mmpsearch.app.media import MediaRoots
from mmpsearch.errors import InputError
from mmpsearch.gallery.search_result import Match
from mmpsearch.visualization.drawing import NEUTRAL, fit, person_crop, scene_with_box

QUALITY = 82
CROP = (240, 320)  # largest width and height, in pixels
SCENE = (1600, 1200)
CLIP_WIDTH, CLIP_SECONDS, CLIP_FRAMES = 640, 3.0, 75
REMEMBERED = 4096  # crops, about 10 kB each


def data_address(picture: Image.Image) -> str:
    """A picture as a ``data:`` address."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def shown_picture(pixels: np.ndarray) -> str:
    """A whole picture (H, W, 3) BGR, scaled down for the screen."""
    factor = min(1.0, SCENE[0] / pixels.shape[1], SCENE[1] / pixels.shape[0])
    size = (
        max(1, int(pixels.shape[1] * factor)),
        max(1, int(pixels.shape[0] * factor)),
    )
    return data_address(fit(pixels, *size)[0])


class Reading:
    """Pictures that are being read, each of which becomes an address.

    Args:
        pictures: One each.
    """

    def __init__(self, pictures: Sequence[Future[str]]) -> None:
        self._pictures = pictures

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether all of them are there."""
        return not wait(self._pictures, seconds).not_done

    def all(self) -> list[str]:
        """Their addresses, as soon as all are there."""
        return [picture.result() for picture in self._pictures]


class Pictures:
    """Crops, frames and clips of what the gallery holds, from below the media roots.

    Args:
        media: What may be read.
        workers: Files that are read at once.
    """

    def __init__(self, media: MediaRoots, workers: int = 2) -> None:
        self.media = media
        self._crops: OrderedDict[tuple, str] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, "pictures")

    def read(self, match: Match) -> np.ndarray:
        """The match's whole picture, (H, W, 3) uint8 BGR.

        Raises:
            InputError: It lies outside the media roots, or cannot be read.
        """
        return read_frame_at(self.media.allowed(match.path), match.frame, match.time)

    def begin(self, matches: Sequence[Match]) -> Reading:
        """Read the people's pictures, without waiting for them.

        Addresses are ``""`` of those that cannot be read.
        """
        return Reading([self._pool.submit(self._crop, match) for match in matches])

    def _crop(self, match: Match) -> str:
        key = (match.path, match.frame, tuple(match.box.tolist()))
        with self._lock:
            if key in self._crops:
                self._crops.move_to_end(key)
                return self._crops[key]
        try:
            found = data_address(person_crop(self.read(match), match.box, *CROP))
        except (InputError, OSError):
            return ""
        with self._lock:
            self._crops[key] = found
            while len(self._crops) > REMEMBERED:
                self._crops.popitem(last=False)
        return found

    def scene(self, match: Match) -> str:
        """Address of the whole picture with the person's box.

        Raises:
            InputError: As ``read``.
        """
        picture = scene_with_box(self.read(match), match.box, NEUTRAL, *SCENE)
        return data_address(picture)

    def clip(self, match: Match) -> str:
        """Address of a short video around the match, VP8 in WebM.

        Raises:
            InputError: A still picture, or a file that cannot be read.
        """
        if match.time is None:
            raise InputError("a still picture has no clip around it")
        path = self.media.allowed(match.path)
        frames = list(frames_around(path, match.time, CLIP_SECONDS, CLIP_FRAMES))
        if len(frames) < 2:
            raise InputError("the video has no clip around this frame")
        with tempfile.TemporaryDirectory(prefix="mmpsearch-clip-") as folder:
            file = Path(folder, "clip.webm")
            _write_clip(file, frames)
            content = file.read_bytes()
        return "data:video/webm;base64," + base64.b64encode(content).decode()

    def forget(self, of: Callable[[str], bool] = lambda path: True) -> None:
        """Drop the crops of files, by path; all of them by default."""
        with self._lock:
            for key in [key for key in self._crops if of(key[0])]:
                del self._crops[key]


def _write_clip(file: Path, frames: list[tuple[float, np.ndarray]]) -> None:
    height, width = frames[0][1].shape[:2]
    factor = min(1.0, CLIP_WIDTH / width)
    size = (int(width * factor) // 2 * 2, int(height * factor) // 2 * 2)
    seconds = frames[-1][0] - frames[0][0]
    rate = (len(frames) - 1) / seconds if seconds > 0 else 10.0
    writer = cv2.VideoWriter(
        os.fspath(file), cv2.VideoWriter_fourcc(*"VP80"), rate, size
    )
    try:
        if not writer.isOpened():
            raise InputError("this build of OpenCV cannot write a clip (VP8)")
        for _, pixels in frames:
            writer.write(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    finally:
        writer.release()

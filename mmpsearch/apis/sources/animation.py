"""Animated pictures (GIF, WebP) as videos."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import numpy as np

from mmpsearch.apis.sources.frame import FrameChoice, SourceImage
from mmpsearch.datasets.io.picture_files import has_suffix
from mmpsearch.datasets.io.picture_reading import open_picture, pil_to_bgr
from mmpsearch.errors import ImageReadError

ANIMATED_SUFFIXES = frozenset((".gif", ".webp"))
# Browsers show a frame that states no duration, or next to none, for so long.
USUAL_DURATION = 0.1


def is_animation(path: str | os.PathLike) -> bool:
    """Whether a file is a GIF or WebP picture with several frames."""
    if not has_suffix(path, ANIMATED_SUFFIXES):
        return False
    try:
        with open_picture(path) as image:
            return getattr(image, "is_animated", False)
    except ImageReadError:
        return False


def iter_animation(
    path: str | os.PathLike, choice: FrameChoice
) -> Iterator[SourceImage]:
    """Decode the chosen frames of an animation, once through.

    Yields:
        Frames with their number and the time, in seconds, at which they appear.

    Raises:
        ImageReadError: Not a readable animation, or, after the frames that could be
            decoded, one that breaks off.
    """
    path, time = os.path.abspath(path), 0.0
    with open_picture(path) as image:
        for number in itertools.count():
            if choice.is_over(number):
                return
            try:
                image.seek(number)
            except EOFError:
                return
            image.load()  # the duration of a WebP frame is known after it
            if choice.wants(number, time):
                yield SourceImage(pil_to_bgr(image), path, time, number)
            stated = image.info.get("duration") or 0
            time += stated / 1000 if stated > 10 else USUAL_DURATION


def read_animation_frame(path: str | os.PathLike, frame: int) -> np.ndarray:
    """One frame of an animation.

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        ImageReadError: Unreadable, or the animation has no such frame.
    """
    with open_picture(path) as image:
        try:
            image.seek(frame)
        except EOFError:
            raise ImageReadError(path, f"the animation has no frame {frame}") from None
        image.load()
        return pil_to_bgr(image)

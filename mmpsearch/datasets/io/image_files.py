"""Image files: their sizes without decoding, and whether they are whole."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mmpsearch.datasets.io.picture_reading import open_picture
from mmpsearch.errors import ImageReadError


def image_sizes(paths: Sequence[str]) -> np.ndarray:
    """(N, 2) int64 height and width of each file, read from its header.

    A file that is missing gives (-1, -1), one that cannot be read or is refused
    (``why_unreadable``) gives (0, 0). EXIF orientation is not applied.
    """

    def size(path: str) -> tuple[int, int]:
        try:
            with open_picture(path) as image:
                return image.height, image.width
        except ImageReadError:
            return (0, 0) if os.path.exists(path) else (-1, -1)

    with ThreadPoolExecutor(8) as pool:
        return np.array(list(pool.map(size, paths)), dtype=np.int64).reshape(-1, 2)


def why_unreadable(path: str | os.PathLike) -> str | None:
    """The reason for which ``image_sizes`` gives no size; None where it gives one."""
    try:
        with open_picture(path):
            return None
    except ImageReadError as error:
        return error.reason


def is_cut_off(data: bytes) -> bool:
    """Whether an encoded JPEG or PNG image lacks its end.

    Decoders fill the missing part of a truncated JPEG with grey and say nothing. The
    end marker of a JPEG must follow its last scan (an embedded thumbnail has both
    of its own); entropy-coded data cannot contain either.
    """
    if data[:2] == b"\xff\xd8":
        return data.rfind(b"\xff\xd9") <= data.rfind(b"\xff\xda")
    if data[:4] == b"\x89PNG":
        return data.rfind(b"IEND") < 0
    return len(data) == 0

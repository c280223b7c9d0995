"""Image files: their sizes without decoding, and whether they are whole."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import numpy as np

from mmpsearch.datasets.io.orientation import AS_STORED, orientation_of
from mmpsearch.datasets.io.picture_reading import open_picture
from mmpsearch.errors import ImageReadError


def image_headers(paths: Sequence[str]) -> np.ndarray:
    """(N, 3) int64 height, width and EXIF orientation of each file's header.

    Height and width are those of the stored pixels. A file that is missing gives
    (-1, -1, 1), one that cannot be read or is refused (``why_unreadable``) gives
    (0, 0, 1).
    """

    def header(path: str) -> tuple[int, int, int]:
        try:
            with open_picture(path) as image:
                return image.height, image.width, orientation_of(image)
        except ImageReadError:
            side = 0 if os.path.exists(path) else -1
            return side, side, AS_STORED

    with ThreadPoolExecutor(8) as pool:
        return np.array(list(pool.map(header, paths)), dtype=np.int64).reshape(-1, 3)


def missing_files(paths: Sequence[str]) -> list[str]:
    """Those of the paths that do not exist, sorted, with one listing per folder."""
    missing = []
    for folder, group in groupby(sorted(paths), os.path.dirname):
        there = set(os.listdir(folder)) if os.path.isdir(folder) else set()
        missing += [path for path in group if os.path.basename(path) not in there]
    return missing


def remedy_of_missing(path: str, otherwise: str) -> str:
    """What to do about a listed picture that is not there.

    Args:
        path: as the list names it.
        otherwise: the remedy where the name itself looks right.
    """
    if "\\" in path and os.sep == "/":
        return "its paths are written with backslashes, as on Windows: write '/' there"
    return otherwise


def why_unreadable(path: str | os.PathLike) -> str | None:
    """The reason for which ``image_headers`` gives no size; None where it gives one."""
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

"""Any picture file a user has, as one array: uint8, (H, W, 3), BGR, upright.

Rules, the same for files and arrays:

- Grey is repeated over the three channels.
- Transparency is composited on white, as a viewer on a white page shows it; the
  colours hidden under transparent pixels are often leftovers.
- 16-bit values keep their high byte (``value >> 8``), so that brightness does not
  depend on the picture's content.
- Floating-point pictures are read as 0..1 when they fit there, else as 0..255.
- Palette, CMYK, YCbCr and Lab are converted to RGB; EXIF orientation is applied.
- Of an animation or a multi-page file the first picture is read.
- A file that is cut short is refused: half a scene would silently lose people.

A stranger's file may do no harm: only regular files are opened, only in the formats
of ``FORMATS`` (Pillow would run Ghostscript for a PostScript file of any name), and
only up to ``PIL.Image.MAX_IMAGE_PIXELS`` pixels (89 million; None: no limit).
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import BinaryIO

import numpy as np
from PIL import Image

from mmpsearch.datasets.io.orientation import orientation_of
from mmpsearch.datasets.io.picture_arrays import WHITE, array_to_bgr
from mmpsearch.errors import ImageReadError

FORMATS = "JPEG PNG WEBP TIFF BMP DIB GIF AVIF HEIF JPEG2000 PPM".split()
TRANSPARENT = ("RGBA", "LA", "La", "PA", "RGBa")
STRIP = 2**20  # pixels that are converted at once


def read_picture(path: str | os.PathLike, upright: bool = True) -> np.ndarray:
    """Decode a picture file.

    Args:
        path: JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF, JPEG 2000, PPM, and HEIF where
            ``pillow-heif`` is installed.
        upright: Apply the EXIF orientation; False: the pixels as they are stored,
            to which a data set's boxes refer.

    Returns:
        (H, W, 3) uint8 array, BGR.

    Raises:
        ImageReadError: The file is missing, empty, cut short, too large or not a
            picture.
    """
    with open_picture(path) as image:
        image.load()
        return pil_to_bgr(image, upright)


@contextmanager
def open_picture(
    path: str | os.PathLike, content: BinaryIO | None = None
) -> Iterator[Image.Image]:
    """Open a picture without decoding it; errors of the body are put in words too.

    Args:
        path: Of the file.
        content: The file's content where it was read already.

    Raises:
        ImageReadError: Naming ``path`` and the reason.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large pictures, odd EXIF blocks
            with (
                content or open_regular_file(path) as file,
                Image.open(file, formats=_formats()) as image,
            ):
                check_pixels(path, image.width, image.height)
                yield image
    except ImageReadError as error:
        raise ImageReadError(path, error.reason) from error.__cause__
    except Image.DecompressionBombError as error:
        raise ImageReadError(path, f"{error}; {_remedy()}") from error
    except Image.UnidentifiedImageError as error:
        reason = f"it is not a picture in a format that is read ({', '.join(FORMATS)})"
        raise ImageReadError(path, reason) from error
    except Exception as error:  # decoders of damaged files raise whatever they like
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageReadError(path, reason or type(error).__name__) from error


def open_regular_file(path: str | os.PathLike) -> BinaryIO:
    """Open a file for reading; pipes, devices and folders are refused, not waited for.

    Raises:
        ImageReadError: It is not there, no regular file, or empty.
        OSError: It cannot be opened.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, ValueError) as error:  # ValueError: a null character
        raise ImageReadError(path, "there is no such file") from error
    state = os.fstat(handle)
    reason = None
    if stat.S_ISDIR(state.st_mode):
        reason = "it is a folder, not a picture"
    elif not stat.S_ISREG(state.st_mode):
        reason = "it is a pipe or device, not a regular file"
    elif state.st_size == 0:
        reason = "the file is empty"
    if reason is not None:
        os.close(handle)
        raise ImageReadError(path, reason)
    return os.fdopen(handle, "rb")


def check_pixels(path: str | os.PathLike, width: int, height: int) -> None:
    """Refuse a picture whose decoding could take gigabytes.

    Raises:
        ImageReadError: More than ``PIL.Image.MAX_IMAGE_PIXELS``.
    """
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and width * height > limit:
        reason = f"{width} x {height} pixels are more than {limit}; {_remedy()}"
        raise ImageReadError(path, reason)


def pil_to_bgr(image: Image.Image, upright: bool = True) -> np.ndarray:
    """Convert a Pillow image of any mode; see the module's rules.

    Args:
        image: Decoded or not.
        upright: Apply the EXIF orientation.

    Returns:
        (H, W, 3) uint8 array, BGR.

    Raises:
        ImageReadError: A 32-bit integer picture with values outside 0..65535.
    """
    orientation = orientation_of(image, decode=True) if upright else 1
    width, height = image.size
    turned = orientation >= 5
    pixels = np.empty((width, height, 3) if turned else (height, width, 3), np.uint8)
    stored = _as_stored(pixels, orientation)
    if image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        is_16_bit = image.mode.startswith("I;16") or image.format in ("PNG", "PPM")
        stored[:] = array_to_bgr(values.astype(np.uint16) if is_16_bit else values)
        return pixels
    rows = max(1, STRIP // width)  # a large picture is never there in three copies
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        stored[top : top + rows] = np.asarray(_on_white(strip))[:, :, ::-1]
    return pixels


def _on_white(image: Image.Image) -> Image.Image:
    """RGB, transparency composited on white."""
    if image.mode in TRANSPARENT or "transparency" in image.info:
        image = image.convert("RGBA")
        page = Image.new("RGBA", image.size, (WHITE,) * 4)
        image = Image.alpha_composite(page, image)
    return image.convert("RGB")


def _as_stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """The view of an upright picture that has rows and columns as in the file."""
    turned = upright.swapaxes(0, 1) if orientation >= 5 else upright
    rows = slice(None, None, -1 if orientation in (3, 4, 6, 7) else 1)
    columns = slice(None, None, -1 if orientation in (2, 3, 7, 8) else 1)
    return turned[rows, columns]


@cache
def _formats() -> list[str]:
    """Those of ``FORMATS`` that this Pillow can read."""
    with suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()
    Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _remedy() -> str:
    return "to allow it set PIL.Image.MAX_IMAGE_PIXELS = None"

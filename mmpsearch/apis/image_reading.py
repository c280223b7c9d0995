"""Any picture a user has, as one array: uint8, (H, W, 3), BGR, upright.

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
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mmpsearch.errors import ImageReadError

WHITE = 255


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Decode a picture file.

    Args:
        path: Any format that Pillow reads (JPEG, PNG, WebP, AVIF, TIFF, BMP, GIF, …).

    Returns:
        (H, W, 3) uint8 array, BGR, upright (EXIF orientation applied).

    Raises:
        ImageReadError: The file is missing, empty, cut short or not a picture.
    """
    path = Path(path)
    if not path.exists():
        raise ImageReadError(path, "there is no such file")
    if path.is_dir():
        raise ImageReadError(path, "it is a folder, not a picture")
    if path.stat().st_size == 0:
        raise ImageReadError(path, "the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large pictures, odd EXIF blocks
            with Image.open(path) as image:
                image.load()
                return pil_to_bgr(image)
    except ImageReadError as error:
        raise ImageReadError(path, error.reason) from None
    except Image.DecompressionBombError as error:
        remedy = "to allow it set PIL.Image.MAX_IMAGE_PIXELS = None"
        raise ImageReadError(path, f"{error}; {remedy}") from error
    except Image.UnidentifiedImageError as error:
        reason = "it is not a picture in a format that Pillow knows"
        raise ImageReadError(path, reason) from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise ImageReadError(path, str(error) or type(error).__name__) from error


def pil_to_bgr(image: Image.Image) -> np.ndarray:
    """Convert a Pillow image of any mode; see the module's rules.

    Returns:
        (H, W, 3) uint8 array, BGR, upright.

    Raises:
        ImageReadError: A 32-bit integer picture with values outside 0..65535.
    """
    wide = image.mode == "F" or image.mode.startswith("I")
    is_16_bit = image.mode.startswith("I;16") or image.format in ("PNG", "PPM")
    image = ImageOps.exif_transpose(image)
    if wide:
        values = np.asarray(image)
        return array_to_bgr(values.astype(np.uint16) if is_16_bit else values)
    if image.mode in ("RGBA", "LA", "La", "PA", "RGBa") or (
        "transparency" in image.info
    ):
        image = image.convert("RGBA")
        page = Image.new("RGBA", image.size, (WHITE, WHITE, WHITE, WHITE))
        image = Image.alpha_composite(page, image)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def array_to_bgr(array: np.ndarray) -> np.ndarray:
    """Convert an array of any common layout; see the module's rules.

    Args:
        array: (H, W), (H, W, 1), (H, W, 3) BGR or (H, W, 4) BGRA; boolean, uint8,
            other integers within 0..65535, or floating point.

    Returns:
        (H, W, 3) uint8 array, BGR; the input itself when it already is one.

    Raises:
        ImageReadError: Another shape, an empty picture, or values out of range.
    """
    array = np.asarray(array)
    shown = f"array of shape {array.shape}, {array.dtype}"
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise ImageReadError(shown, "expected (H, W), (H, W, 3) BGR or (H, W, 4) BGRA")
    if array.size == 0:
        raise ImageReadError(shown, "the picture has no pixels")
    array = _to_uint8(array, shown)
    if array.shape[2] == 4:
        alpha = array[:, :, 3:].astype(np.uint32)
        mixed = array[:, :, :3] * alpha + WHITE * (255 - alpha)
        array = ((mixed + 127) // 255).astype(np.uint8)
    if array.shape[2] == 1:
        array = np.repeat(array, 3, axis=2)
    return np.ascontiguousarray(array)


def _to_uint8(array: np.ndarray, shown: str) -> np.ndarray:
    """(H, W, C) of any numeric dtype -> the same shape in uint8."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * 255
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:  # of either byte order
        return (array >> 8).astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise ImageReadError(shown, "the values are not numbers")
    low, high = array.min(), array.max()
    if array.dtype.kind != "f":
        if low < 0 or high > 65535:
            reason = f"values {low}..{high} fit neither 8 nor 16 bits"
            raise ImageReadError(shown, reason)
        return (array if high <= 255 else array >> 8).astype(np.uint8)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageReadError(shown, "there are values that are not finite")
    scale = 255.0 if low >= 0 and high <= 1 else 1.0
    return np.clip(np.rint(array * scale), 0, 255).astype(np.uint8)

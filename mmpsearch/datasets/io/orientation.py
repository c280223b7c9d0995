"""Pictures that are stored turned: a camera's EXIF orientation, 1 to 8."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from PIL import Image

ORIENTATION_TAG = 0x0112
AS_STORED = 1
FIRST_SIDEWAYS = 5  # from here on height and width are exchanged


def orientation_of(image: Image.Image, decode: bool = False) -> int:
    """The EXIF orientation of an opened image; 1 where it has none or a wrong one.

    Args:
        image: Opened by Pillow.
        decode: Also look behind the pixels of a PNG file, which decodes them.
    """
    if image.format == "PNG" and "exif" not in image.info and not decode:
        return AS_STORED
    value = AS_STORED
    with suppress(Exception):  # whatever reading a damaged EXIF block raises
        value = image.getexif().get(ORIENTATION_TAG, AS_STORED)
    return value if value in range(1, 9) else AS_STORED


def make_upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turn stored pixels as their EXIF orientation says.

    Args:
        image: (H, W, ...) array as stored.
        orientation: 1 to 8.

    Returns:
        The picture as it was seen: (W, H, ...) from orientation 5 on.
    """
    if orientation >= FIRST_SIDEWAYS:
        image = image.swapaxes(0, 1)
    # After the exchange of axes 5 is upright, 6 mirrored left to right, and so on.
    flipped_rows = orientation in (3, 4, 7, 8)
    flipped_columns = orientation in (2, 3, 6, 7)
    image = image[::-1] if flipped_rows else image
    image = image[:, ::-1] if flipped_columns else image
    return np.ascontiguousarray(image)


def upright_sizes(sizes: np.ndarray, orientations: np.ndarray) -> np.ndarray:
    """(N, 2) heights and widths after turning, from stored ones and orientations."""
    sideways = np.asarray(orientations)[:, None] >= FIRST_SIDEWAYS
    return np.where(sideways, sizes[:, ::-1], sizes)


def resolve_orientations(
    stated: np.ndarray, stored: np.ndarray, orientations: np.ndarray, as_seen: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether boxes refer to the stored or to the upright pixels of their images.

    The size that the annotations state decides. Where it fits both (or is unknown),
    ``as_seen`` does.

    Args:
        stated: (N, 2) height and width of the annotations, 0 where unknown.
        stored: (N, 2) height and width in the files.
        orientations: (N,) EXIF orientations.
        as_seen: Boxes were drawn on upright pictures, as annotation programs show.

    Returns:
        ``sizes`` (N, 2) of the pictures that the boxes refer to, ``upright`` (N,) bool,
        and ``wrong`` (N,) bool: the stated size is neither.
    """
    turned = upright_sizes(stored, orientations)
    unknown = (stated <= 0).any(axis=1)
    fits_stored = (stated == stored).all(axis=1) | unknown
    fits_turned = (stated == turned).all(axis=1) | unknown
    upright = (orientations > AS_STORED) & fits_turned
    if not as_seen:
        upright &= ~fits_stored
    sizes = np.where(upright[:, None], turned, stored)
    return sizes, upright, ~fits_stored & ~fits_turned

"""Pictures by which eight-bit networks are calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from mmpsearch.apis.image_sources import iter_images
from mmpsearch.errors import InputError


def calibration_pictures(
    sources: Sequence[str] | None, number: int
) -> list[np.ndarray]:
    """The first pictures of files and folders.

    Args:
        sources: what ``iter_images`` takes; None: nothing.
        number: how many at most.

    Returns:
        (h, w, 3) uint8 BGR each.

    Raises:
        InputError: something cannot be read, or there is no picture.
    """
    if sources is None:
        return []
    images = islice(iter_images(list(sources)), number)
    pictures = [image.pixels for image in images]
    if not pictures:
        raise InputError(f"--calibration {sources[0]}: there is no picture")
    return pictures

"""Pictures for the inferencers: files and arrays as uint8, (H, W, 3), BGR, upright.

The rules are those of ``mmpsearch.datasets.io.picture_reading``, which training
follows too.
"""

from __future__ import annotations

import os

import numpy as np
import torch
from PIL import Image

from mmpsearch.datasets.io.picture_arrays import array_to_bgr
from mmpsearch.datasets.io.picture_reading import pil_to_bgr, read_picture
from mmpsearch.errors import ImageReadError

__all__ = [
    "ImageReadError",
    "array_to_bgr",
    "in_memory_to_bgr",
    "is_in_memory",
    "pil_to_bgr",
    "read_image",
]

InMemory = np.ndarray | Image.Image | torch.Tensor


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Decode a picture file; see ``read_picture``.

    Returns:
        (H, W, 3) uint8 array, BGR, upright (EXIF orientation applied).

    Raises:
        ImageReadError: The file is missing, empty, cut short, too large or not a
            picture.
    """
    return read_picture(path)


def is_in_memory(picture: object) -> bool:
    """Whether a picture is there as an array, a Pillow image or a tensor."""
    return isinstance(picture, InMemory)


def in_memory_to_bgr(picture: InMemory) -> np.ndarray:
    """Convert what ``is_in_memory``.

    Args:
        picture: Array as for ``array_to_bgr``, Pillow image, or tensor in the layout
            of such an array.

    Returns:
        (H, W, 3) uint8 array, BGR.

    Raises:
        ImageReadError: It does not have the layout of a picture.
    """
    if isinstance(picture, Image.Image):
        return pil_to_bgr(picture)
    if isinstance(picture, torch.Tensor):
        picture = picture.detach().cpu().float().numpy()
    return array_to_bgr(picture)

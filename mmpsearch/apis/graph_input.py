"""A picture as the array that an exported network takes, and the way back."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from mmpsearch.apis.graph_settings import GraphSettings


class Placement(NamedTuple):
    """Where a picture lies in a network's input.

    Attributes:
        scale: Input pixels per picture pixel, (x, y).
        offset: The picture's upper left corner in the input, (x, y).
        input_size: (height, width) of the input.
    """

    scale: tuple[float, float]
    offset: tuple[int, int]
    input_size: tuple[int, int]

    def to_picture(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes (N, 4) xyxy in input pixels -> the same in pixels of the picture."""
        return (boxes - np.tile(self.offset, 2)) / np.tile(self.scale, 2)


def prepare(image: np.ndarray, settings: GraphSettings) -> tuple[np.ndarray, Placement]:
    """Resize, place, and scale one picture.

    Args:
        image: (H, W, 3) uint8, BGR.
        settings: How.

    Returns:
        (3, h, w) float32, and where the picture lies in it.
    """
    placed, placement = place(image, settings)
    if settings.channel_order == "rgb":
        placed = placed[:, :, ::-1]
    values = placed.astype(np.float32)
    if settings.scale != 1:
        values *= np.float32(settings.scale)
    if any(settings.mean):
        values -= np.array(settings.mean, np.float32)
    if any(one != 1 for one in settings.std):
        values /= np.array(settings.std, np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1)), placement


def place(image: np.ndarray, settings: GraphSettings) -> tuple[np.ndarray, Placement]:
    """Resize a picture to the input size, keeping its aspect where asked for.

    Args:
        image: (H, W, 3) uint8.
        settings: ``input_size``, ``resize`` and ``pad_value`` count.

    Returns:
        (h, w, 3) uint8, and where the picture lies in it.
    """
    height, width = image.shape[:2]
    if settings.resize == "none" or settings.input_size is None:
        return image, Placement((1.0, 1.0), (0, 0), (height, width))
    rows, columns = settings.input_size
    if settings.resize == "stretch":
        inner = (columns, rows)
    else:
        ratio = min(rows / height, columns / width)
        inner = (max(1, int(width * ratio)), max(1, int(height * ratio)))
    if inner != (width, height):
        image = cv2.resize(image, inner, interpolation=cv2.INTER_LINEAR)
    scale = (inner[0] / width, inner[1] / height)
    if inner == (columns, rows):
        return image, Placement(scale, (0, 0), (rows, columns))
    left = top = 0
    if settings.resize == "letterbox_centred":
        left, top = (columns - inner[0]) // 2, (rows - inner[1]) // 2
    page = np.full((rows, columns, 3), settings.pad_value, np.uint8)
    page[top : top + inner[1], left : left + inner[0]] = image
    return page, Placement(scale, (left, top), (rows, columns))

"""Boxes that a user typed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmpsearch.errors import QueryBoxError


def check_boxes(
    boxes: Sequence[Sequence[float]] | np.ndarray, width: int, height: int
) -> np.ndarray:
    """Check query boxes and cut them at the picture's border.

    Args:
        boxes: (M, 4) or (4,), xyxy in pixels of the picture.
        width: Of the picture.
        height: Of the picture.

    Returns:
        (M, 4) float32, inside the picture.

    Raises:
        QueryBoxError: Not four finite numbers, ``x2 <= x1`` or ``y2 <= y1``, or less
            than one pixel wide or high inside the picture (such as corners given as
            shares of its sides).
    """
    try:
        boxes = np.atleast_2d(np.asarray(boxes, np.float32))
    except ValueError as error:
        raise QueryBoxError(f"boxes must be x1 y1 x2 y2: {error}") from error
    if boxes.size == 0:
        return boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not np.isfinite(boxes).all():
        raise QueryBoxError(f"boxes must be four finite numbers, got {boxes.tolist()}")
    limits = np.array([width, height, width, height], np.float32)
    inside = np.clip(boxes, 0, limits)
    for box, cut in zip(boxes, inside, strict=True):
        shown = " ".join(f"{value:g}" for value in box)
        if box[2] <= box[0] or box[3] <= box[1]:
            raise QueryBoxError(
                f"box {shown} is empty: give the corners x1 y1 x2 y2 with x1 < x2 and "
                "y1 < y2 (not x y width height)"
            )
        if cut[2] - cut[0] < 1 or cut[3] - cut[1] < 1:
            if (cut == box).all():
                shares = " (shares of its sides?)" if box.max() <= 1 else ""
                raise QueryBoxError(
                    f"box {shown}{shares} is smaller than a pixel: give corners in "
                    f"pixels of the picture, which is {width} x {height}"
                )
            raise QueryBoxError(
                f"box {shown} lies outside the picture, which is {width} x {height} "
                "pixels"
            )
    return inside

"""Spatial-invariant augmentation (DKD, section 2.3): boxes as detectors misplace them.

A box is moved, not resized: the crop keeps its sides, and what comes in at one of them
is the real image. The range is that of the usual "pad and crop" after resizing, in raw
pixels, and bounded.
"""

import cv2
import numpy as np

CROP_SIZE = (256, 128)


def shift_ranges(
    boxes: np.ndarray,
    crop_size: tuple[int, int] = CROP_SIZE,
    padding: float = 10,
    max_range: float = 40,
) -> np.ndarray:
    """How far boxes may move in all: r = min(2 side padding / crop side, max_range).

    Args:
        boxes: (N, 4) xyxy in raw pixels.
        crop_size: height and width that crops are resized to.
        padding: pixels on each side of the resized crop that "pad and crop" adds.
        max_range: bound in raw pixels, the paper's alpha, of the whole range.

    Returns:
        (N, 2) float64 r_w, r_h in raw pixels.
    """
    sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64)
    return np.minimum(2 * sides * padding / np.array(crop_size[::-1]), max_range)


def draw_shifts(boxes: np.ndarray, **options) -> np.ndarray:
    """Random moves within the ranges, from NumPy's global generator.

    Args:
        boxes: (N, 4) xyxy in raw pixels.
        **options: of :func:`shift_ranges`.

    Returns:
        (N, 2) float64 right and down in raw pixels, uniform in [-r / 2, r / 2].
    """
    return shift_ranges(boxes, **options) * np.random.uniform(
        -0.5, 0.5, (len(boxes), 2)
    )


def move_boxes_by(boxes: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """(N, 4) boxes moved by (N, 2) pixels."""
    return boxes + np.tile(shifts, 2)


def cut_crop(
    image: np.ndarray, box: np.ndarray, size: tuple[int, int] | None = None
) -> np.ndarray:
    """The pixels of a box, cut at the image's border.

    Args:
        image: (H, W, 3).
        box: (4,) xyxy; rounded to whole pixels, at least one of them is shown.
        size: height and width to resize to, bilinearly; None: as they are.

    Returns:
        (h, w, 3) of the same type.
    """
    height, width = image.shape[:2]
    x1, y1 = np.clip(np.round(box[:2]), 0, [width - 1, height - 1]).astype(int)
    x2, y2 = np.clip(np.round(box[2:]), [x1 + 1, y1 + 1], [width, height]).astype(int)
    crop = image[y1:y2, x1:x2]
    if size is not None:
        crop = cv2.resize(crop, size[::-1], interpolation=cv2.INTER_LINEAR)
    return crop

"""The one geometric operation of all transforms: show a window of the image.

A window is a rectangle in the current image, possibly larger than it, that is
resized to an output size. Resizing, padding and cropping are all of this kind. The
functions here have no randomness: a transform first draws a window, then applies it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

MIN_VISIBILITY = 0.4
# what belongs to ground-truth boxes, one row each; crops: teacher_crops.py
PER_BOX = ("gt_person_ids", "gt_unique_ids", "crops", "shifted_crops", "shifts")
PadValue = int | tuple[int, int, int]


@dataclass(frozen=True)
class Window:
    """Rectangle [x1, x2) x [y1, y2) of an image, shown at ``height`` x ``width``.

    Coordinates are whole pixels of the image before; those outside it are padding.
    """

    x1: int
    y1: int
    x2: int
    y2: int
    height: int
    width: int

    @classmethod
    def resize(cls, old: tuple[int, int], new: tuple[int, int]) -> Window:
        """All of an image of size ``old`` (h, w), at size ``new`` (h, w)."""
        return cls(0, 0, old[1], old[0], *new)

    @classmethod
    def crop(cls, x1: int, y1: int, x2: int, y2: int) -> Window:
        """A part of the image at its own size."""
        return cls(x1, y1, x2, y2, y2 - y1, x2 - x1)

    def within(self, padded: Window) -> Window:
        """The same window in the image before it was padded."""
        return Window(
            self.x1 + padded.x1,
            self.y1 + padded.y1,
            self.x2 + padded.x1,
            self.y2 + padded.y1,
            self.height,
            self.width,
        )

    @property
    def scale(self) -> tuple[float, float]:
        """Resize factors (w, h)."""
        return self.width / (self.x2 - self.x1), self.height / (self.y2 - self.y1)


def show_window(image: np.ndarray, window: Window, pad_value: PadValue) -> np.ndarray:
    """The pixels of a window: cut, padded with one colour, resized bilinearly.

    Args:
        image: (H, W, 3) uint8 or float32.
        window: What to show.
        pad_value: One value, or one per channel of ``image``.

    Returns:
        (window.height, window.width, 3) of the same type.
    """
    height, width = image.shape[:2]
    x1, x2 = np.clip([window.x1, window.x2], 0, width).tolist()
    y1, y2 = np.clip([window.y1, window.y2], 0, height).tolist()
    shown = image[y1:y2, x1:x2]
    if shown.size == 0:
        shown = np.empty((window.height, window.width, 3), image.dtype)
        shown[:] = pad_value
        return shown
    top, bottom = y1 - window.y1, window.y2 - y2
    left, right = x1 - window.x1, window.x2 - x2
    if top or bottom or left or right:
        colour = (pad_value,) * 3 if np.isscalar(pad_value) else tuple(pad_value)
        shown = cv2.copyMakeBorder(
            shown, top, bottom, left, right, cv2.BORDER_CONSTANT, value=colour
        )
    if shown.shape[:2] != (window.height, window.width):
        size = (window.width, window.height)
        shown = cv2.resize(shown, size, interpolation=cv2.INTER_LINEAR)
    return shown


def move_boxes(boxes: np.ndarray, window: Window) -> np.ndarray:
    """(N, 4) xyxy boxes of the image before, in pixels of the window's output.

    Not clipped; float64.
    """
    offset = np.array([window.x1, window.y1] * 2, dtype=np.float64)
    return (boxes.astype(np.float64) - offset) * np.array(window.scale * 2)


def clip_boxes(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(N, 4) boxes cut at the borders of an image of size (h, w)."""
    height, width = size
    return np.clip(boxes, 0, [width, height, width, height])


def visible_boxes(
    boxes: np.ndarray, size: tuple[int, int], min_visibility: float = MIN_VISIBILITY
) -> tuple[np.ndarray, np.ndarray]:
    """Cut boxes at the border and find those of which enough is left.

    Args:
        boxes: (N, 4) xyxy, possibly outside the image.
        size: (h, w) of the image.
        min_visibility: Least share of a box's area that must lie inside.

    Returns:
        (N, 4) cut boxes and an (N,) mask of those to keep.
    """
    clipped = clip_boxes(boxes, size)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    inside = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1)
    return clipped, (inside > 0) & (inside >= min_visibility * area)


def mirror_boxes(boxes: np.ndarray, width: int) -> np.ndarray:
    """(N, 4) xyxy boxes after the image was flipped left to right."""
    mirrored = boxes.copy()
    mirrored[:, [0, 2]] = width - boxes[:, [2, 0]]
    return mirrored


def ground_truth_boxes(results: dict) -> np.ndarray:
    """(N, 4) float32 ``gt_bboxes``; none where a picture comes without annotations."""
    return results.get("gt_bboxes", np.zeros((0, 4), np.float32))


def update_boxes(
    results: dict, boxes: np.ndarray, queries: np.ndarray, min_visibility: float
) -> None:
    """Put moved boxes into the results; persons that are hardly visible go.

    Ground truth is cut at the image's border and filtered together with its ids;
    query boxes are cut only.
    """
    size = results["img_shape"]
    boxes, keep = visible_boxes(boxes, size, min_visibility)
    results["gt_bboxes"] = boxes[keep].astype(np.float32)
    for key in PER_BOX:
        if key in results:
            results[key] = results[key][keep]
    results["query_bboxes"] = clip_boxes(queries, size).astype(np.float32)


def apply_window(
    results: dict,
    window: Window,
    pad_value: PadValue = 0,
    min_visibility: float = MIN_VISIBILITY,
) -> dict:
    """Show a window of the image and move its boxes along.

    Changes ``img``, ``img_shape``, ``scale_factor`` (w, h; the product of all
    resizes), ``gt_bboxes`` with ``gt_person_ids`` and ``gt_unique_ids``, and
    ``query_bboxes``.
    """
    results["img"] = show_window(results["img"], window, pad_value)
    results["img_shape"] = (window.height, window.width)
    before = results.get("scale_factor", (1.0, 1.0))
    factors = zip(before, window.scale, strict=True)
    results["scale_factor"] = tuple(float(a * b) for a, b in factors)
    update_boxes(
        results,
        move_boxes(ground_truth_boxes(results), window),
        move_boxes(results.get("query_bboxes", np.zeros((0, 4))), window),
        min_visibility,
    )
    return results

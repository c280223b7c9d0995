"""The two random crops of SPNet's training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mmpsearch.datasets.transforms.base import WindowTransform
from mmpsearch.datasets.transforms.resize import padding_window
from mmpsearch.datasets.transforms.window import Window, move_boxes
from mmpsearch.registry import TRANSFORMS


def focus_range(start: float, extent: float, side: int, limit: int) -> tuple[int, int]:
    """First and last start of a crop of ``side`` pixels that holds a box.

    Args:
        start: Left (top) of the box.
        extent: Its width (height).
        side: Side of the crop.
        limit: Width (height) of the image.
    """
    low = min(math.floor(start), math.floor(max(0.0, start + extent - side)))
    high = max(low, math.floor(min(limit - side, start)))
    return low, high


@TRANSFORMS.register_module()
class FocusedCrop(WindowTransform):
    """Crop a square around one random person, resized to a fixed size.

    The person is chosen among those with an identity, else among all. The square's
    side is ``size`` or, if that is larger, the longer side of the person's box. An
    image without persons is shown whole.

    Args:
        size: Side of the output, and least side of the square.
        **kwargs: Of :class:`WindowTransform`.
    """

    def __init__(self, size: int = 512, **kwargs) -> None:
        super().__init__(**kwargs)
        self.size = size

    def draw(self, results: dict) -> Window:
        height, width = results["img_shape"]
        boxes = results["gt_bboxes"].astype(np.float64)
        output = (self.size, self.size)
        if not len(boxes):
            return Window.resize((height, width), output)
        known = np.flatnonzero(results["gt_person_ids"] >= 0)
        among = known if len(known) else np.arange(len(boxes))
        x1, y1, x2, y2 = boxes[among[np.random.randint(len(among))]]
        side = math.floor(max(self.size, x2 - x1, y2 - y1))
        left, right = focus_range(x1, x2 - x1, side, width)
        top, bottom = focus_range(y1, y2 - y1, side, height)
        left = np.random.randint(left, right + 1)
        top = np.random.randint(top, bottom + 1)
        # A box longer than the image is high or wide: the square is cut off.
        right, bottom = min(left + side, width), min(top + side, height)
        return Window(left, top, right, bottom, *output)


@dataclass(frozen=True)
class SafeCropParameters:
    """Size of a crop in pixels and its place as share of the free space."""

    crop_height: int
    crop_width: int
    h_start: float
    w_start: float

    def window(self, size: tuple[int, int], output: tuple[int, int]) -> Window:
        """The window in an image of ``size`` (h, w), shown at ``output`` (h, w)."""
        height, width = size
        y1 = int((height - self.crop_height + 1) * self.h_start)
        x1 = int((width - self.crop_width + 1) * self.w_start)
        y1 = min(y1, height - self.crop_height)
        x1 = min(x1, width - self.crop_width)
        return Window(x1, y1, x1 + self.crop_width, y1 + self.crop_height, *output)


def eroded_union(
    boxes: np.ndarray, size: tuple[int, int], erosion: float
) -> tuple[float, float, float, float]:
    """Smallest rectangle around all boxes shrunk by a share of their size per side.

    Args:
        boxes: (N, 4) xyxy, N > 0.
        size: (h, w) of the image.
        erosion: Share of each box's width and height cut from each of its sides.

    Returns:
        Left, top, right, bottom in units of the image's width and height.
    """
    boxes = boxes / np.array([size[1], size[0]] * 2, dtype=np.float64)
    margin = erosion * (boxes[:, 2:] - boxes[:, :2])
    left, top = (boxes[:, :2] + margin).min(axis=0)
    right, bottom = (boxes[:, 2:] - margin).max(axis=0)
    return left, top, right, bottom


def safe_crop_parameters(
    boxes: np.ndarray, size: tuple[int, int], erosion: float, draws: np.ndarray
) -> SafeCropParameters:
    """The crop around all persons for four drawn numbers.

    Args:
        boxes: (N, 4) xyxy.
        size: (h, w) of the image.
        erosion: See :func:`eroded_union`.
        draws: Four numbers in [0, 1): left, top, right, bottom enlargement. Without
            boxes the first gives the crop's size, the last two its place.
    """
    height, width = size
    if not len(boxes):
        smallest = int(height * (1 - erosion))
        crop_height = smallest + int(draws[0] * (height - smallest + 1))
        crop_width = max(1, int(crop_height * width / height))
        return SafeCropParameters(crop_height, crop_width, draws[2], draws[3])
    left, top, right, bottom = eroded_union(boxes, size, erosion)
    left, top = left * draws[0], top * draws[1]
    right += (1 - right) * draws[2]
    bottom += (1 - bottom) * draws[3]
    wide, high = right - left, bottom - top
    return SafeCropParameters(
        height if high >= 1 else max(1, int(height * high)),
        width if wide >= 1 else max(1, int(width * wide)),
        0.0 if high >= 1 else float(np.clip(top / (1 - high), 0, 1)),
        0.0 if wide >= 1 else float(np.clip(left / (1 - wide), 0, 1)),
    )


@TRANSFORMS.register_module()
class SafeCrop(WindowTransform):
    """Crop a random rectangle that holds nearly all of every person.

    The union of the boxes, each shrunk by ``erosion`` of its size per side, is enlarged
    towards each border of the image by an own random amount and resized to a
    square, which changes the aspect ratio. An image without persons is cropped to a
    random height of at least ``1 - erosion`` at its own aspect ratio.

    Args:
        size: Side of the output.
        erosion: Share cut from each side of the boxes.
        **kwargs: Of :class:`WindowTransform`.
    """

    def __init__(self, size: int = 512, erosion: float = 0.1, **kwargs) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.erosion = erosion

    def draw(self, results: dict) -> Window:
        size = results["img_shape"]
        parameters = safe_crop_parameters(
            results["gt_bboxes"], size, self.erosion, np.random.uniform(size=4)
        )
        return parameters.window(size, (self.size, self.size))


@TRANSFORMS.register_module()
class RandomCropPair(WindowTransform):
    """The crop of ``rrc2`` and ``rrc_scale``: pad, then one of the two crops.

    The image is padded in its centre to at least ``pad_factor * size`` per side, then
    shown through :class:`FocusedCrop` or :class:`SafeCrop`.

    ``rrc2`` (fine-tuning) is ``WindowResize``, ``RandomCropPair(pad_factor=3)`` and
    a flip; ``rrc_scale`` (pre-training) is ``RandomScale``,
    ``RandomCropPair(pad_factor=4)`` and a flip.

    Args:
        size: Side of the output.
        pad_factor: See above.
        focused_prob: How often the crop is focused on one person.
        erosion: Of :class:`SafeCrop`.
        **kwargs: Of :class:`WindowTransform`.
    """

    def __init__(
        self,
        size: int = 512,
        pad_factor: int = 3,
        focused_prob: float = 0.5,
        erosion: float = 0.1,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.least = pad_factor * size
        self.focused_prob = focused_prob
        self.focused = FocusedCrop(size)
        self.safe = SafeCrop(size, erosion)

    def draw(self, results: dict) -> Window:
        # Padding is only an offset: the crop is drawn in the padded image, and the
        # pixels around the crop are never made.
        padded = padding_window(results["img_shape"], self.least, self.least)
        scene = dict(
            img_shape=(padded.height, padded.width),
            gt_bboxes=move_boxes(results["gt_bboxes"], padded),
            gt_person_ids=results["gt_person_ids"],
        )
        focus = np.random.uniform() < self.focused_prob
        return (self.focused if focus else self.safe).draw(scene).within(padded)

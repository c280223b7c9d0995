"""Small pieces of a picture: text, boxes, thumbnails.

Pictures are uint8 (H, W, 3) BGR arrays outside this package and Pillow images in RGB
inside it: Pillow draws letters of every script, OpenCV only ASCII.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

INK: Colour = (28, 30, 33)
FAINT: Colour = (110, 115, 122)
PAPER: Colour = (255, 255, 255)
SHADE: Colour = (240, 241, 243)
ACCENT: Colour = (255, 176, 0)  # the query's box
NEUTRAL: Colour = (58, 110, 200)  # a match nobody has judged
CORRECT: Colour = (24, 148, 74)
WRONG: Colour = (205, 45, 45)


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans where it is installed, else Pillow's own font."""
    try:
        return ImageFont.truetype(f"DejaVuSans{'-Bold' if bold else ''}.ttf", size)
    except OSError:
        return ImageFont.load_default(size)


def frame_colour(correct: bool | None) -> Colour:
    """Green, red, or blue when nobody has said whether the match is right."""
    if correct is None:
        return NEUTRAL
    return CORRECT if correct else WRONG


def shorten(text: str, width: float, face: ImageFont.FreeTypeFont) -> str:
    """Cut text in the middle so that it is at most ``width`` pixels wide."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    if face.getlength(text) <= width:
        return text
    for kept in range(len(text) - 1, 0, -1):
        tail = kept // 2
        short = text[: kept - tail] + "…" + text[len(text) - tail :]
        if face.getlength(short) <= width:
            return short
    return "…"


def fit(image: np.ndarray, width: int, height: int) -> tuple[Image.Image, float]:
    """Scale to fit into ``width`` x ``height``, enlarging at most four times.

    Returns:
        The picture in RGB, and the factor by which it was scaled.
    """
    factor = min(width / image.shape[1], height / image.shape[0], 4.0)
    size = [max(1, round(length * factor)) for length in (image.shape[1::-1])]
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(image, size, interpolation=method)
    return Image.fromarray(np.ascontiguousarray(resized[:, :, ::-1])), factor


def scene_with_box(
    image: np.ndarray, box: np.ndarray, colour: Colour, width: int, height: int
) -> Image.Image:
    """A scaled-down scene with one box.

    Args:
        image: (H, W, 3) uint8 BGR.
        box: (4,) xyxy, pixels of ``image``.
        colour: RGB.
        width: Largest width of the result.
        height: Largest height of the result.
    """
    scene, factor = fit(image, width, height)
    draw = ImageDraw.Draw(scene)
    x1, y1, x2, y2 = (float(value) * factor for value in np.nan_to_num(box))
    x1, x2 = sorted(np.clip((x1, x2), 0, scene.width - 1))
    y1, y2 = sorted(np.clip((y1, y2), 0, scene.height - 1))
    # a dark line around the coloured one shows on any background
    draw.rectangle((x1 - 1, y1 - 1, x2 + 1, y2 + 1), outline=INK, width=1)
    draw.rectangle((x1, y1, x2, y2), outline=colour, width=3)
    return scene


def person_crop(
    image: np.ndarray, box: np.ndarray, width: int, height: int
) -> Image.Image:
    """The box's content, scaled to fit; a box outside gives its nearest pixel.

    Args:
        image: (H, W, 3) uint8 BGR.
        box: (4,) xyxy, pixels of ``image``.
        width: Largest width of the result.
        height: Largest height of the result.
    """
    rows, columns = image.shape[:2]
    box = np.nan_to_num(np.asarray(box, np.float64))
    x1 = int(np.clip(np.floor(box[0]), 0, columns - 1))
    y1 = int(np.clip(np.floor(box[1]), 0, rows - 1))
    x2 = int(np.clip(np.ceil(box[2]), x1 + 1, columns))
    y2 = int(np.clip(np.ceil(box[3]), y1 + 1, rows))
    return fit(image[y1:y2, x1:x2], width, height)[0]

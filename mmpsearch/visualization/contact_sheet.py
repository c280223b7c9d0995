"""Contact sheets: the pictures of a few people, one person a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from mmpsearch.visualization.drawing import FAINT, INK, PAPER, SHADE, fit, font, shorten

CELL = (72, 144)  # width and height of a picture
CAPTION = 210
GAP = 8
MARGIN = 16
HEADER = 44


@dataclass(frozen=True)
class SheetRow:
    """A person or a track.

    Attributes:
        title: Its name.
        lines: Further lines beneath.
        crops: Pictures, uint8 (H, W, 3) BGR; the first ``columns`` are shown.
    """

    title: str
    lines: Sequence[str]
    crops: Sequence[np.ndarray]


def draw_contact_sheet(
    rows: Sequence[SheetRow], title: str, columns: int = 8
) -> np.ndarray:
    """Draw rows of pictures beneath each other.

    Args:
        rows: At least one.
        title: Head of the sheet.
        columns: Pictures a row.

    Returns:
        (H, W, 3) uint8 BGR.
    """
    pitch = CELL[1] + 2 * GAP
    width = 2 * MARGIN + CAPTION + columns * (CELL[0] + GAP)
    page = Image.new("RGB", (width, HEADER + len(rows) * pitch + MARGIN), PAPER)
    pen = ImageDraw.Draw(page)
    head, name, small = font(20, bold=True), font(15, bold=True), font(12)
    pen.text((MARGIN, 12), shorten(title, width - 2 * MARGIN, head), INK, head)
    for number, row in enumerate(rows):
        top = HEADER + number * pitch
        if number % 2 == 0:
            pen.rectangle((0, top, width, top + pitch - 1), SHADE)
        left, room = MARGIN, CAPTION - GAP
        pen.text((left, top + GAP), shorten(row.title, room, name), INK, name)
        for place, line in enumerate(row.lines):
            y = top + GAP + 26 + 18 * place
            pen.text((left, y), shorten(line, room, small), FAINT, small)
        for column, crop in enumerate(row.crops[:columns]):
            picture, _ = fit(crop, *CELL)
            x = MARGIN + CAPTION + column * (CELL[0] + GAP)
            x += (CELL[0] - picture.width) // 2
            page.paste(picture, (x, top + GAP + (CELL[1] - picture.height) // 2))
    return np.ascontiguousarray(np.asarray(page)[:, :, ::-1])

"""The best match of several models side by side (DKD, figure 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from mmpsearch.visualization.drawing import (
    ACCENT,
    FAINT,
    INK,
    PAPER,
    font,
    frame_colour,
    shorten,
)
from mmpsearch.visualization.ranked_list import Sighting

PERSON = (120, 240)
GAP, MARGIN, HEADER, CAPTION, FRAME = 12, 20, 40, 44, 4


@dataclass(frozen=True)
class TopMatches:
    """One query and what each model finds first.

    Attributes:
        query: The person that was looked for.
        matches: One per model, in the models' order; None where it found nobody.
    """

    query: Sighting
    matches: Sequence[Sighting | None]


def draw_top_matches(rows: Sequence[TopMatches], models: Sequence[str]) -> np.ndarray:
    """One row per query: the query, then every model's match.

    A match is framed green where it is the query's person, red where it is not.

    Args:
        rows: What to draw.
        models: Their names, the titles of the columns.

    Returns:
        (H, W, 3) uint8 BGR.
    """
    tile_width, tile_height = PERSON[0] + 2 * FRAME, PERSON[1] + 2 * FRAME + CAPTION
    width = 2 * MARGIN + (len(models) + 1) * (tile_width + GAP) - GAP
    height = 2 * MARGIN + HEADER + len(rows) * (tile_height + GAP) - GAP
    canvas = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(canvas)
    for column, title in enumerate(["query", *models]):
        face = font(16, bold=True)
        x = MARGIN + column * (tile_width + GAP)
        draw.text((x, MARGIN), shorten(title, tile_width, face), INK, face)
    for number, row in enumerate(rows):
        y = MARGIN + HEADER + number * (tile_height + GAP)
        for column, sighting in enumerate([row.query, *row.matches]):
            x = MARGIN + column * (tile_width + GAP)
            colour = ACCENT if column == 0 else None
            _draw_person(canvas, (x, y), sighting, colour)
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])


def _draw_person(
    canvas: Image.Image,
    place: tuple[int, int],
    sighting: Sighting | None,
    colour: tuple[int, int, int] | None,
) -> None:
    draw, (x, y) = ImageDraw.Draw(canvas), place
    right, bottom = x + PERSON[0] + 2 * FRAME - 1, y + PERSON[1] + 2 * FRAME - 1
    correct = sighting.correct if sighting else False
    colour = colour or frame_colour(correct)
    draw.rectangle((x, y, right, bottom), outline=colour, width=FRAME)
    if sighting is None:
        draw.text((x + 2 * FRAME, y + 2 * FRAME), "nobody found", FAINT, font(13))
        return
    crop = sighting.crop.copy()
    crop.thumbnail(PERSON)
    left = x + FRAME + (PERSON[0] - crop.width) // 2
    top = y + FRAME + (PERSON[1] - crop.height) // 2
    canvas.paste(crop, (left, top))
    face, lines = font(12), [sighting.title]
    if sighting.similarity is not None:
        verdict = {True: "right", False: "wrong", None: ""}[sighting.correct]
        lines.append(f"{verdict} {sighting.similarity:.2f}".strip())
    for number, line in enumerate(lines):
        text = shorten(line, PERSON[0] + 2 * FRAME, face)
        draw.text((x, bottom + 4 + 17 * number), text, FAINT, face)

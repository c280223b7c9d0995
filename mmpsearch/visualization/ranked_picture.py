"""A ranked list as one picture."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.visualization.drawing import (
    ACCENT,
    FAINT,
    INK,
    PAPER,
    SHADE,
    WRONG,
    Colour,
    font,
    frame_colour,
    shorten,
)
from mmpsearch.visualization.ranked_list import (
    CROP_SIZE,
    QUERY_CROP_SIZE,
    QUERY_SCENE_SIZE,
    SCENE_SIZE,
    RankedList,
    Sighting,
)

MARGIN = 20
GAP = 8
FRAME = 4
CAPTION = 48
TILE_SIZE = (
    CROP_SIZE[0] + SCENE_SIZE[0] + 3 * GAP + 2 * FRAME,
    CROP_SIZE[1] + CAPTION + 2 * GAP + 2 * FRAME,
)
CROP_TILE_SIZE = (CROP_SIZE[0] + 10 * GAP + 2 * FRAME, TILE_SIZE[1])
COLUMNS, CROP_COLUMNS = 3, 6
ROWS_OF_A_PICTURE = 60
HEADER_HEIGHT = QUERY_SCENE_SIZE[1] + 2 * MARGIN + 36


def draw_ranked_list(
    ranked: RankedList, columns: int | None = None, first_rank: int = 1
) -> np.ndarray:
    """Draw the query above its matches.

    Every match shows the person, the scene with the box (of crops the crop alone),
    its rank, similarity and file name; its frame is green or red where it is known to
    be right or wrong. For "no such person" the verdict is red and the candidates
    stand under their own heading.

    Args:
        ranked: What to draw.
        columns: Matches beside each other. Default: 3, of crops 6.
        first_rank: Rank of the first match.

    Returns:
        (H, W, 3) uint8 BGR.
    """
    tile = TILE_SIZE if ranked.has_scenes else CROP_TILE_SIZE
    columns = columns or (COLUMNS if ranked.has_scenes else CROP_COLUMNS)
    rows = -(-len(ranked.sightings) // columns)
    width = columns * tile[0] + (columns - 1) * GAP + 2 * MARGIN
    height = HEADER_HEIGHT + rows * (tile[1] + GAP) + MARGIN
    canvas = Image.new("RGB", (width, height), PAPER)
    _draw_header(canvas, ranked)
    for i, sighting in enumerate(ranked.sightings):
        x = MARGIN + (i % columns) * (tile[0] + GAP)
        y = HEADER_HEIGHT + (i // columns) * (tile[1] + GAP)
        rank = first_rank + i
        _draw_tile(canvas, (x, y), tile, rank, sighting, faded=not ranked.found)
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])


def save_ranked_picture(
    path: str | os.PathLike, ranked: RankedList, columns: int | None = None
) -> None:
    """Write the picture, in the format of the name's ending, in one step."""
    picture = Image.fromarray(draw_ranked_list(ranked, columns)[:, :, ::-1])
    with replace_when_done(path) as temporary:
        picture.save(temporary)


def save_ranked_pictures(path: str | os.PathLike, ranked: RankedList) -> list[Path]:
    """Write a long list as several pictures: ``x.jpg``, ``x_2.jpg``, ``x_3.jpg``.

    A JPEG can be 65,500 pixels high, and hardly anybody looks at so high a one.
    Pictures of a longer list that were written before are removed.

    Returns:
        Their paths.
    """
    path = Path(path)
    columns = COLUMNS if ranked.has_scenes else CROP_COLUMNS
    size = ROWS_OF_A_PICTURE * columns
    written = []
    for number, start in enumerate(range(0, max(len(ranked.sightings), 1), size), 1):
        name = path if number == 1 else path.with_stem(f"{path.stem}_{number}")
        part = replace(ranked, sightings=ranked.sightings[start : start + size])
        picture = draw_ranked_list(part, columns, start + 1)
        with replace_when_done(name) as temporary:
            Image.fromarray(picture[:, :, ::-1]).save(temporary)
        written.append(name)
    for old in path.parent.glob(f"{path.stem}_*{path.suffix}"):
        number = old.stem.removeprefix(f"{path.stem}_")
        if number.isdecimal() and int(number) > len(written):
            old.unlink()
    return written


def _draw_header(canvas: Image.Image, ranked: RankedList) -> None:
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, canvas.width, HEADER_HEIGHT - MARGIN), fill=SHADE)
    query = ranked.query
    _paste(canvas, query.crop, MARGIN, MARGIN, QUERY_CROP_SIZE, ACCENT)
    left = MARGIN + QUERY_CROP_SIZE[0] + 2 * GAP
    if query.scene is not None:
        _paste(canvas, query.scene, left, MARGIN, QUERY_SCENE_SIZE, None)
        left += QUERY_SCENE_SIZE[0] + MARGIN
    room = canvas.width - left - MARGIN
    y = MARGIN
    for text, face, colour in (
        ("Query", font(26, bold=True), INK),
        (query.title, font(18), INK),
        (query.detail, font(16), FAINT),
        ("", font(18), INK),
    ):
        draw.text((left, y), shorten(text, room, face), colour, face)
        y += face.size + 10
    for line in _wrap(ranked.verdict, font(20, bold=True), room):
        draw.text((left, y), line, INK if ranked.found else WRONG, font(20, bold=True))
        y += 28
    if ranked.sightings:
        title = "Ranked matches" if ranked.found else "Most similar, but turned down"
        below = MARGIN + QUERY_SCENE_SIZE[1] + 6
        draw.text((MARGIN, below), title, INK, font(18, bold=True))


def _draw_tile(
    canvas: Image.Image,
    corner: tuple[int, int],
    size: tuple[int, int],
    rank: int,
    sighting: Sighting,
    faded: bool,
) -> None:
    draw = ImageDraw.Draw(canvas)
    colour = FAINT if faded and sighting.correct is None else None
    colour = colour or frame_colour(sighting.correct)
    (x, y), (width, height) = corner, size
    box = (x, y, x + width - 1, y + height - 1)
    draw.rectangle(box, fill=SHADE, outline=colour, width=FRAME)
    left, top = x + FRAME + GAP, y + FRAME + GAP
    right = x + width - FRAME - GAP
    if sighting.scene is None:
        field = (right - left, CROP_SIZE[1])
        _paste(canvas, sighting.crop, left, top, field, None)
    else:
        _paste(canvas, sighting.crop, left, top, CROP_SIZE, None)
        _paste(canvas, sighting.scene, left + CROP_SIZE[0] + GAP, top, SCENE_SIZE, None)
    top += CROP_SIZE[1] + 6
    number = f"{rank}"
    bold, plain, small = font(22, bold=True), font(17), font(14)
    words = left
    draw.text((words, top + 4), number, colour, bold)
    words += max(bold.getlength(number), 28) + GAP
    if sighting.similarity is not None:
        draw.text((words, top + 6), f"{sighting.similarity:.3f}", INK, plain)
        words += 68
    if sighting.scene is None:  # a narrow tile: the name has a line of its own
        title = shorten(sighting.title, right - left, small)
        draw.text((left, top + 31), title, INK, small)
        return
    room = right - words
    draw.text((words, top + 1), shorten(sighting.title, room, small), INK, small)
    draw.text((words, top + 21), shorten(sighting.detail, room, small), FAINT, small)


def _paste(
    canvas: Image.Image,
    picture: Image.Image,
    x: int,
    y: int,
    size: tuple[int, int],
    border: Colour | None,
) -> None:
    """Paste in the middle of a field, with a border around the picture."""
    x += (size[0] - picture.width) // 2
    y += (size[1] - picture.height) // 2
    canvas.paste(picture, (x, y))
    if border is not None:
        box = (x - 3, y - 3, x + picture.width + 2, y + picture.height + 2)
        ImageDraw.Draw(canvas).rectangle(box, outline=border, width=3)


def _wrap(text: str, face, width: float) -> list[str]:
    """Break text between words into lines of at most ``width`` pixels."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, width, face))
    return lines

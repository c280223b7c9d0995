"""Appearances as a timeline for the page, and as a table for other programs."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from mmpsearch.apis.search_report import format_time, read_match
from mmpsearch.errors import ImageReadError
from mmpsearch.gallery.appearances import Appearance
from mmpsearch.gallery.search_result import Match
from mmpsearch.utils.atomic import replace_when_done
from mmpsearch.visualization.drawing import person_crop
from mmpsearch.visualization.timeline import TimelineBar

COLUMNS = ("camera", "from", "to", "similarity", "sightings", "path", "frame", "box")
MOST_BARS = 200  # on a page; json and csv hold all
CROP_SIZE = (80, 160)


def timeline_bars(
    appearances: Sequence[Appearance],
    read: Callable[[Match], np.ndarray] | None = None,
) -> list[TimelineBar]:
    """The first ``MOST_BARS`` of them, with pictures.

    Args:
        appearances: In the order of the table.
        read: Reads a match's picture in place of ``read_match``.
    """
    return [_bar(one, read) for one in appearances[:MOST_BARS]]


def save_appearances(
    folder: str | os.PathLike, appearances: Sequence[Appearance]
) -> Path:
    """Write ``appearances.csv`` and return its path; times as in ``ranked.json``."""
    path = Path(folder, "appearances.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        replace_when_done(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8", errors="replace") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for appearance in appearances:
            row = appearance.as_dict()
            row["box"] = " ".join(f"{value:g}" for value in row["box"])
            writer.writerow(row)
    return path


def _bar(
    one: Appearance, read: Callable[[Match], np.ndarray] | None = None
) -> TimelineBar:
    best = one.best
    try:
        image = (read or read_match)(best)
        picture = person_crop(image, best.box, *CROP_SIZE)
    except ImageReadError:
        picture = None
    return TimelineBar(
        camera=one.camera,
        start=one.start,
        end=one.end,
        begins=_words(one.start, one.clocked),
        ends=_words(one.end, one.clocked),
        similarity=one.similarity,
        picture=picture,
        axis="" if one.clocked else f"from the start of {_name(one)}",
    )


def _name(one: Appearance) -> str:
    return os.path.basename(one.best.path) or "the pictures"


def _words(time: float, clocked: bool) -> str:
    """Local time, or minutes and seconds in the video."""
    if not clocked:
        return format_time(time)
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S")

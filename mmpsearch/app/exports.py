"""An answer to keep: a page that needs nothing beside itself, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mmpsearch.apis.appearance_report import save_appearances, timeline_bars
from mmpsearch.apis.search_json import result_as_dict
from mmpsearch.apis.search_report import make_ranked_list
from mmpsearch.app.answers import Answer
from mmpsearch.errors import ImageReadError, InputError
from mmpsearch.gallery.search_result import Match
from mmpsearch.visualization.ranked_page import ranked_page

COLUMNS = (
    "rank similarity camera time path frame x1 y1 x2 y2 score track id judged"
).split()
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_report(answer: Answer, read: Callable[[Match], np.ndarray]) -> str:
    """One HTML page with pictures, timeline and verdict.

    Args:
        answer: Of a search.
        read: Reads a match's picture; what it refuses is drawn as a grey field.
    """
    note = answer.note
    judged = sum(one is not None for one in answer.correct())
    if judged:
        note = f"{note} Refined by {judged} judged results.".strip()

    def readable(match: Match) -> np.ndarray:
        try:
            return read(match)
        except (InputError, OSError) as error:
            raise ImageReadError(match.path, str(error)) from error

    ranked = make_ranked_list(
        answer.query, answer.result, answer.correct(), note, readable
    )
    bars = timeline_bars(answer.appearances, readable)
    return ranked_page([replace(ranked, timeline=bars)])


def as_json(answer: Answer) -> str:
    """As ``ranked.json`` of the command line, with ``id`` and ``judged`` of matches."""
    return json.dumps(as_dict(answer), indent=2, ensure_ascii=False)


def as_dict(answer: Answer) -> dict:
    """Plain values; see ``mmpsearch.apis.result_as_dict``."""
    appearances = [one.as_dict() for one in answer.appearances]
    content = result_as_dict(answer.query, answer.result, appearances)
    for row, match in zip(content["matches"], answer.result.matches, strict=True):
        row["id"] = match.id
        row["judged"] = answer.marks.get(match.id)
    return readable(content)


def as_csv(answer: Answer) -> str:
    """A line for each match; names that a spreadsheet would compute are quoted."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in as_dict(answer)["matches"]:
        row |= dict(zip(("x1", "y1", "x2", "y2"), row["box"], strict=True))
        writer.writerow({key: harmless(value) for key, value in row.items()})
    return text.getvalue()


def as_appearances_csv(answer: Answer) -> str:
    """``appearances.csv`` of the command line."""
    with TemporaryDirectory() as folder:
        path = save_appearances(Path(folder), answer.appearances)
        return path.read_text(encoding="utf-8")


def harmless(value: object) -> object:
    """Text as a spreadsheet shows it, and does not compute it."""
    if isinstance(value, str) and value.startswith(FORMULAS):
        return "'" + value
    return "" if value is None else value


def readable(value: object) -> object:
    """The same plain values, in which every text is valid Unicode."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [readable(item) for item in value]
    return value

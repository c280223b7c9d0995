"""A search result as picture and page."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np

from mmpsearch.apis.person_search import Query
from mmpsearch.apis.reading_report import count
from mmpsearch.apis.sources.seeking import read_frame_at
from mmpsearch.errors import ImageReadError
from mmpsearch.gallery.search_result import Match, SearchResult
from mmpsearch.visualization import (
    RankedList,
    Sighting,
    match_sighting,
    missing_sighting,
    query_sighting,
    save_ranked_page,
    save_ranked_pictures,
)


def format_time(seconds: float) -> str:
    """``75.25`` -> ``1:15.2``; hours are shown from one hour on."""
    tenths = int(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    rest = f"{tenths // 10:02d}.{tenths % 10}"
    return f"{hours}:{minutes:02d}:{rest}" if hours else f"{minutes}:{rest}"


def verdict(result: SearchResult) -> str:
    """The answer in one sentence, and how much of it the scene filter made."""
    if not result.skipped:
        return _verdict(result)
    people = count(result.skipped, "more person", "more people")
    return (
        f"{_verdict(result)} {people} in scenes that cannot hold the person were not "
        "compared."
    )


def _verdict(result: SearchResult) -> str:
    if not result.found:
        text = str(result)
        return text[0].upper() + text[1:] + "."
    places = len({(match.path, match.frame) for match in result.matches})
    best = result.matches[0].similarity
    if result.threshold is None:
        return (
            f"The {len(result.matches)} most similar of {result.searched} people; the "
            f"best similarity is {best:.3f}. Without a threshold this is a ranking, "
            "not a claim that the person is there."
        )
    people = count(result.searched, "person", "people")
    return (
        f"Found in {count(places, 'picture')} among {people}: the best similarity is "
        f"{best:.3f}, the threshold {result.threshold:.3f}."
    )


def match_detail(match: Match) -> str:
    """Time, camera and detector score in words."""
    parts = [] if match.time is None else [format_time(match.time)]
    parts += [f"camera {match.camera}"] if match.camera else []
    return " · ".join([*parts, f"score {match.score:.2f}"])


def read_match(match: Match) -> np.ndarray:
    """The picture of a match, of a long video without decoding it from its start.

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        ImageReadError: It cannot be read any more.
    """
    return read_frame_at(match.path, match.frame, match.time)


def make_ranked_list(
    query: Query | Sequence[Query],
    result: SearchResult,
    correct: Sequence[bool | None] | None = None,
    note: str = "",
    read: Callable[[Match], np.ndarray] | None = None,
) -> RankedList:
    """Read the matches' pictures and put everything together for drawing.

    For "no such person" the nearest candidate is shown as turned down. A picture
    that can no longer be read is drawn as a grey field.

    Args:
        query: What was looked for, by one picture or several.
        result: What was found.
        correct: For each match whether it is the query's person, None for unknown.
        note: A further sentence to be shown with the verdict, such as a warning.
        read: Reads a match's picture in place of ``read_match``; then no link to the
            file is written.
    """
    queries = [query] if isinstance(query, Query) else list(query)
    first, *further = map(_query_sighting, queries)
    if further:
        words = f"{first.detail} · the first of {len(queries)} pictures"
        first = replace(first, detail=words)
    shown = result.matches
    if not result.found and result.nearest is not None:
        shown, correct = [result.nearest], None
    correct = correct or [None] * len(shown)
    return RankedList(
        query=first,
        further=further,
        sightings=[_sighting(m, c, read) for m, c in zip(shown, correct, strict=True)],
        verdict=f"{verdict(result)} {note}".strip(),
        found=result.found,
    )


def _query_sighting(query: Query) -> Sighting:
    box = " ".join(f"{value:g}" for value in query.box)
    detail = "crop" if query.is_crop else f"box {box}"
    if query.image.frame >= 0:
        detail = f"frame {query.image.frame} · {detail}"
    name = os.path.basename(query.image.path) or "array"
    return query_sighting(query.image.pixels, query.box, name, detail)


def _sighting(
    match: Match,
    correct: bool | None,
    read: Callable[[Match], np.ndarray] | None = None,
) -> Sighting:
    name = os.path.basename(match.path) or "array"
    detail = match_detail(match)
    try:
        image = (read or read_match)(match)
    except ImageReadError:
        words = f"{detail} · the picture cannot be read any more"
        return missing_sighting(name, match.similarity, words, correct)
    sighting = match_sighting(image, match.box, name, match.similarity, detail, correct)
    return sighting if read else replace(sighting, link=_link(match.path))


def save_report(
    folder: str | os.PathLike, ranked: RankedList, title: str = "Person search"
) -> tuple[Path, ...]:
    """Write ``ranked.jpg`` and ``ranked.html`` and return their paths.

    Of a list too long for one picture there are ``ranked_2.jpg`` and so on.
    """
    pictures = save_ranked_pictures(Path(folder, "ranked.jpg"), ranked)
    page = Path(folder, "ranked.html")
    save_ranked_page(page, [ranked], title)
    return (*pictures, page)


def _link(path: str) -> str:
    """Address of a file, whatever bytes its name has."""
    return "file://" + quote(os.fsencode(path)) if os.path.isabs(path) else ""

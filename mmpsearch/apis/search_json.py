"""A search result as json, for other programs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from mmpsearch.apis.person_search import Query
from mmpsearch.gallery.search_result import Match, SearchResult
from mmpsearch.utils.atomic import replace_when_done


def result_as_dict(
    query: Query | Sequence[Query],
    result: SearchResult,
    appearances: Sequence[dict] = (),
) -> dict:
    """Query and answer as plain values.

    Args:
        query: What was looked for, by one picture or several.
        result: What was found.
        appearances: ``camera``, ``from``, ``to``, ``similarity`` of each.

    Returns:
        ``query`` (``path``, ``frame``, ``box``, ``crop``, ``model``),
        ``further_queries`` (of several pictures all but the first), ``found``,
        ``searched``, ``skipped`` (people in scenes that the scene filter left out),
        ``threshold``, ``matches`` and ``appearances``. A match has ``rank``,
        ``similarity``, ``path``, ``frame``, ``time``, ``camera``, ``box``
        (xyxy in pixels), ``score`` and ``track``. Times are seconds since the start of
        the video, or ISO 8601 where the clock is known; what is not known is null.
    """
    queries = [query] if isinstance(query, Query) else list(query)
    first, *further = map(_query, queries)
    return {
        "query": first,
        "further_queries": further,
        "found": result.found,
        "searched": result.searched,
        "skipped": result.skipped,
        "threshold": result.threshold,
        "matches": [_match(match) for match in result.matches],
        "appearances": list(appearances),
    }


def save_json(
    folder: str | os.PathLike,
    query: Query | Sequence[Query],
    result: SearchResult,
    appearances: Sequence[dict] = (),
) -> Path:
    """Write ``ranked.json`` and return its path; see `result_as_dict`."""
    path = Path(folder, "ranked.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    content = result_as_dict(query, result, appearances)
    with replace_when_done(path) as temporary:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        # of a name that is not UTF-8, bytes become JSON's own escapes
        temporary.write_bytes((text + "\n").encode("utf-8", "backslashreplace"))
    return path


def _query(query: Query) -> dict:
    return {
        "path": query.image.path or None,
        "frame": _known(query.image.frame),
        "box": [round(float(value), 2) for value in query.box],
        "crop": query.is_crop,
        "model": str(query.fingerprint),
    }


def _match(match: Match) -> dict:
    time = None if match.time is None else round(match.time, 3)
    if match.clock is not None:
        time = datetime.fromtimestamp(match.clock, timezone.utc).isoformat()
    return {
        "rank": match.rank,
        "similarity": round(match.similarity, 4),
        "path": match.path or None,
        "frame": _known(match.frame),
        "time": time,
        "camera": match.camera or None,
        "box": [round(float(value), 2) for value in match.box],
        "score": round(match.score, 4),
        "track": _known(match.track),
    }


def _known(number: int) -> int | None:
    return None if number < 0 else int(number)

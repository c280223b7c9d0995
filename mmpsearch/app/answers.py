"""A search as the page asks it, and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mmpsearch.apis.person_search import Query, search_person, without_query
from mmpsearch.app.sessions import DIFFERENT, SAME
from mmpsearch.errors import InputError
from mmpsearch.gallery.appearances import Appearance, find_appearances
from mmpsearch.gallery.filters import Where, where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.refinement import refined_query
from mmpsearch.gallery.search_result import SearchResult

MOST = 200  # results of one search
GROUPS = ("image", "track", "person")


@dataclass(frozen=True)
class SearchOptions:
    """Whom a search looks at, and how much it says.

    Attributes:
        top_k: Results at most, 1..``MOST``.
        threshold: Similarity from which it is the same person; None: a ranking.
        cameras: Names of those that are looked at; empty: all.
        since: The earliest time, as ``mmpsearch.gallery.where`` reads it.
        until: The latest.
        one_per: Best match of each ``image``, each ``track``, or every ``person``.
    """

    top_k: int = 12
    threshold: float | None = None
    cameras: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    one_per: str = "image"

    def __post_init__(self) -> None:
        if not 1 <= self.top_k <= MOST:
            raise InputError(f"results: {self.top_k} is not a number from 1 to {MOST}")
        if self.one_per not in GROUPS:
            raise InputError(f"one per: {self.one_per!r} is none of {GROUPS}")
        if self.threshold is not None and not -1 <= self.threshold <= 1:
            raise InputError(f"threshold: {self.threshold} is not between -1 and 1")

    def where(self) -> Where:
        """The conditions on cameras and times.

        Raises:
            GalleryError: A time that cannot be read.
        """
        return where(
            self.cameras or None, self.since.strip() or None, self.until.strip() or None
        )


@dataclass(frozen=True)
class Answer:
    """What the gallery says.

    Attributes:
        query: Who was looked for; its embedding is the refined one.
        result: The ranking.
        appearances: Where and when the person was seen.
        marks: Id -> judgement, of results and others.
        note: A warning about the model; ``""``: none.
    """

    query: Query
    result: SearchResult
    appearances: list[Appearance]
    marks: Mapping[int, str] = field(default_factory=dict)
    note: str = ""

    def correct(self) -> list[bool | None]:
        """For each match whether it was judged the same person."""
        judged = {SAME: True, DIFFERENT: False}
        return [judged.get(self.marks.get(match.id)) for match in self.result.matches]


def answer(
    gallery: Gallery,
    query: Query,
    options: SearchOptions,
    marks: Mapping[int, str] | None = None,
    seen_from: float | None = None,
) -> Answer:
    """Rank the gallery for one person, with what was judged so far.

    Args:
        gallery: The gallery.
        query: Who is looked for.
        options: Whom the search looks at.
        marks: Id -> ``same`` or ``different``; who is no longer there does not count.
        seen_from: Similarity of an appearance where ``options`` has no threshold;
            None: that of the results alone.

    Raises:
        GalleryError: A time that cannot be read, or a gallery of another model.
    """
    marks = dict(marks or {})
    with gallery.held():
        judged = {
            how: gallery.store.fetch(_ids(marks, how)).embeddings
            for how in (SAME, DIFFERENT)
        }
        if len(judged[SAME]) or len(judged[DIFFERENT]):
            vector = refined_query(
                query.embedding[None], judged[SAME], judged[DIFFERENT]
            )
            query = replace(query, embedding=vector)
        conditions = options.where()
        result = search_person(
            gallery,
            query,
            options.top_k,
            options.threshold,
            where=conditions,
            one_per_image=options.one_per == "image",
            one_per="track" if options.one_per == "track" else None,
        )
        appearances = find_appearances(
            gallery,
            query.embedding[None],
            seen_from if options.threshold is None else options.threshold,
            where=without_query(query, conditions),
            shown=result.matches,
        )
    return Answer(query, result, appearances, marks)


def _ids(marks: Mapping[int, str], judgement: str) -> np.ndarray:
    return np.array(sorted(i for i, how in marks.items() if how == judgement), np.int64)

"""Appearances: who was where, from when to when.

Without tracks they are made of single sightings by a stated rule: sightings by one
camera belong to one appearance while the next one comes within ``GAP`` seconds of the
one before, or within ``STEPS`` times the pause between the frames that were looked at,
whichever is longer. A track counts from its start to its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import numpy as np

from mmpsearch.gallery.different_people import threshold_of_different_people
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.scene_search import SceneFilter
from mmpsearch.gallery.search_result import Match

GAP = 5.0  # seconds
STEPS = 3
LOOKED_AT = 64  # people of a file by whom the pause between its frames is told
MOST = 10_000  # sightings of one person that are gathered


@dataclass(frozen=True)
class Appearance:
    """One person, seen by one camera for a while.

    Attributes:
        camera: The camera's name; of an unnamed one the file's name.
        start: First sighting: Unix time where ``clocked``, else seconds since the
            video's start.
        end: Last sighting.
        clocked: The clock is known.
        similarity: Of the most similar sighting.
        sightings: Number of sightings (of tracks, of their views).
        best: The most similar sighting.
    """

    camera: str
    start: float
    end: float
    clocked: bool
    similarity: float
    sightings: int
    best: Match

    def as_dict(self) -> dict:
        """``camera``, ``from``, ``to`` (seconds, or ISO 8601 where the clock is
        known), ``similarity``, and of the best sighting ``path``, ``frame``, ``box``.
        """
        return {
            "camera": self.camera,
            "from": moment(self.start, self.clocked),
            "to": moment(self.end, self.clocked),
            "similarity": round(self.similarity, 4),
            "sightings": self.sightings,
            "path": self.best.path or None,
            "frame": self.best.frame if self.best.frame >= 0 else None,
            "box": [round(float(value), 2) for value in self.best.box],
        }


def moment(time: float, clocked: bool) -> float | str:
    """Seconds, or ISO 8601 in UTC."""
    if not clocked:
        return round(time, 3)
    return datetime.fromtimestamp(time, timezone.utc).isoformat()


def find_appearances(
    gallery: Gallery,
    embeddings: np.ndarray,
    threshold: float | None = None,
    *,
    where: Where | None = None,
    combine: str = "mean",
    gap: float = GAP,
    shown: Sequence[Match] = (),
    scenes: SceneFilter | None = None,
) -> list[Appearance]:
    """When and where the gallery has seen a person.

    Args:
        gallery: The gallery.
        embeddings: (Q, D) pictures of the person.
        threshold: Similarity of a sighting; None: ``threshold_of_different_people``,
            and where that knows none, the sightings of ``shown``.
        where: Cameras and times that are looked at.
        combine: Of several pictures, as ``Gallery.search``.
        gap: Seconds, see this module.
        shown: Matches that the search has given.
        scenes: As ``Gallery.search``. Weighted similarities are not those of two
            pictures: without ``threshold`` the appearances are those of ``shown``.

    Returns:
        By time; still pictures without clock are left out.
    """
    if threshold is None and scenes is None:
        threshold = threshold_of_different_people(gallery)
    matches = list(shown)
    if threshold is not None and len(gallery):
        (result,) = gallery.search(
            embeddings,
            min(len(gallery), MOST),
            threshold,
            where=where,
            one_per="image",
            combine=combine,
            scenes=scenes,
        )
        matches = result.matches
    paths = {match.path for match in matches if match.track < 0 and match.time}
    pauses = {path: _pause(gallery, path) for path in paths}
    return appearances_of(matches, gap, pauses)


def appearances_of(
    matches: Iterable[Match], gap: float = GAP, pauses: dict[str, float] | None = None
) -> list[Appearance]:
    """Join sightings of one person to appearances; see this module for the rule.

    Args:
        matches: The sightings, in any order.
        gap: Seconds.
        pauses: Path of a video -> seconds between the frames that were looked at.
    """
    pauses = pauses or {}
    places: dict[tuple, list[Appearance]] = {}
    for match in matches:
        sighting = _sighting(match)
        if sighting is None:
            continue
        place = match.camera or match.path
        # seconds of two files have nothing to do with each other
        key = (True, place) if sighting.clocked else (False, place, match.path)
        places.setdefault(key, []).append(sighting)
    joined: list[Appearance] = []
    for sightings in places.values():
        begun: Appearance | None = None
        for one in sorted(sightings, key=lambda one: (one.start, one.end)):
            limit = max(gap, STEPS * pauses.get(one.best.path, 0.0))
            if begun is not None and one.start - begun.end <= limit + 1e-6:
                begun = _join(begun, one)
            else:
                joined += [] if begun is None else [begun]
                begun = one
        joined += [] if begun is None else [begun]
    return sorted(joined, key=lambda one: (not one.clocked, one.start, one.camera))


def _sighting(match: Match) -> Appearance | None:
    if match.clock is None and match.time is None:
        return None
    time = match.time if match.time is not None else 0.0
    start, end = time, time
    if match.track >= 0 and match.start is not None and match.end is not None:
        start, end = match.start, match.end
    shift = 0.0 if match.clock is None else match.clock - time
    return Appearance(
        camera=match.camera or os.path.basename(match.path),
        start=start + shift,
        end=end + shift,
        clocked=match.clock is not None,
        similarity=match.similarity,
        sightings=1,
        best=match,
    )


def _join(first: Appearance, second: Appearance) -> Appearance:
    better = second if second.similarity > first.similarity else first
    return replace(
        better,
        start=first.start,
        end=max(first.end, second.end),
        sightings=first.sightings + second.sightings,
    )


def _pause(gallery: Gallery, path: str) -> float:
    """Seconds between the frames of a video that were looked at; 0 for unknown."""
    ids = gallery.store.find(Where(paths=frozenset([path])))[:LOOKED_AT]
    times = np.unique(gallery.store.fetch(ids).times)
    return float(np.median(np.diff(times))) if len(times) > 2 else 0.0

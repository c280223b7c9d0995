"""Everybody who was on camera A and on camera B."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.different_people import need_threshold
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.known_cameras import require_cameras
from mmpsearch.gallery.records import camera_name
from mmpsearch.gallery.search_result import Match
from mmpsearch.gallery.searching import match_of


@dataclass(frozen=True)
class SeenOnAll:
    """One probable person.

    Attributes:
        sightings: Camera -> the best match there, in the order asked for; on the
            camera that was begun with, the person's first record, of similarity 1.
    """

    sightings: dict[str, Match]

    @property
    def similarity(self) -> float:
        """The weakest of the matches, by which the claim stands."""
        return min(match.similarity for match in self.sightings.values())


def seen_on_all(
    gallery: Gallery,
    cameras: Sequence[str | int],
    threshold: float | None = None,
    where: Where | None = None,
) -> list[SeenOnAll]:
    """Find the people who were seen by every one of several cameras.

    It begins with the camera that saw fewest: each record there that is not like one
    before it is searched on the other cameras. The work grows with that number.

    Args:
        gallery: The gallery.
        cameras: Two names or more.
        threshold: Similarity from which it is the same person; None:
            ``threshold_of_different_people``.
        where: Times that are looked at.

    Returns:
        Probable people, the surest first.

    Raises:
        GalleryError: Fewer than two cameras, one that saw nobody, or no threshold can
            be told.
    """
    names = list(dict.fromkeys(map(camera_name, cameras)))
    if len(names) < 2:
        raise GalleryError("give two cameras or more")
    conditions = {
        name: replace(where or Where(), cameras=frozenset([name])) for name in names
    }
    counts = {name: gallery.store.count(conditions[name]) for name in names}
    require_cameras(gallery.store, names)
    if threshold is None:
        threshold = need_threshold(gallery)
    first = min(names, key=counts.get)
    others = [name for name in names if name != first]
    found: list[SeenOnAll] = []
    known = np.empty((0, gallery.dimension or 0), np.float32)
    ids = gallery.store.find(conditions[first])
    for start in range(0, len(ids), 1024):
        records = gallery.store.fetch(ids[start : start + 1024])
        for row, embedding in enumerate(records.embeddings):
            if len(known) and (known @ embedding).max() >= threshold:
                continue
            known = np.vstack([known, embedding])
            sightings = {first: match_of(1, records, row, 1.0)}
            for name in others:
                (result,) = gallery.search(
                    embedding, 1, threshold, where=conditions[name]
                )
                if not result.found:
                    break
                sightings[name] = result.matches[0]
            else:
                found.append(SeenOnAll({name: sightings[name] for name in names}))
    return sorted(found, key=lambda person: -person.similarity)

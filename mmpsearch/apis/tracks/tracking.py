"""Tracks of a stream of detections from many videos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from mmpsearch.apis.tracks.byte_track import PersonTracker, TrackOptions
from mmpsearch.gallery.detections import Detections


def tracked(
    detections: Iterable[Detections],
    score_threshold: float = 0.5,
    options: TrackOptions | None = None,
    source_of: Callable[[Detections], str] = lambda found: found.path,
    is_live: Callable[[str], bool] = lambda source: False,
) -> Iterator[Detections]:
    """Follow people; what a gallery holds of them in place of every sighting.

    Args:
        detections: Frame by frame; still pictures pass unchanged.
        score_threshold: See ``PersonTracker``.
        options: See ``TrackOptions``.
        source_of: The video or stream of a detection.
        is_live: Whether a source is a stream: streams come mixed, while a file is
            over when the next one begins.

    Yields:
        For every video first one entry without people, so that it is known, then the
        views of its tracks as they end.
    """
    trackers: dict[str, PersonTracker] = {}
    for found in detections:
        if found.time is None:
            yield found
            continue
        source = source_of(found)
        if source not in trackers:
            for other in [one for one in trackers if not is_live(one)]:
                yield from _views(trackers.pop(other).finish())
            trackers[source] = PersonTracker(score_threshold, options)
            yield replace(
                found,
                boxes=found.boxes[:0],
                scores=found.scores[:0],
                embeddings=np.empty((0, found.embeddings.shape[-1]), np.float32),
            )
        yield from _views(trackers[source].update(found))
    for tracker in trackers.values():
        yield from _views(tracker.finish())


def _views(tracks: Iterable) -> Iterator[Detections]:
    for track in tracks:
        yield from track.detections()

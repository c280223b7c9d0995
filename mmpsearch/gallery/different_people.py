"""Which similarity means one person: learned from people who cannot be one.

Two boxes of one picture show two people, and so do views of two tracks within a
moment, unless they overlap. (Whole tracks would say less: a track may pass from one
person to another.) Such similarities need no labels and come from the very cameras
that are searched.
"""

from __future__ import annotations

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.records import Records
from mmpsearch.gallery.threshold import suggest_threshold

FALSE_ACCEPT_RATE = 0.002
FEWEST, ENOUGH, OUTLIERS = 100, 50_000, 3  # pairs
MOMENT = 0.5  # seconds between views of two tracks
OVERLAP = 0.1  # two boxes that share more may be one person, found twice


def threshold_of_different_people(
    gallery: Gallery, false_accept_rate: float = FALSE_ACCEPT_RATE
) -> float | None:
    """The similarity that at most a share of pairs of different people reaches.

    Args:
        gallery: With pictures in which several people were found, or with tracks.
        false_accept_rate: The share; never less than ``OUTLIERS`` pairs, since now
            and then a person is found twice in a picture.

    Returns:
        None where there are fewer than ``FEWEST`` pairs.
    """
    pairs: list[np.ndarray] = []
    count = 0
    for records in gallery.records():
        pairs.append(different_people(records))
        count += len(pairs[-1])
        if count >= ENOUGH:
            break
    if count < FEWEST:
        return None
    similarities = np.concatenate(pairs)
    rate = max(false_accept_rate, OUTLIERS / count)
    nobody = np.zeros(count, bool)
    return suggest_threshold(similarities, nobody, rate).threshold


def need_threshold(gallery: Gallery) -> float:
    """``threshold_of_different_people``, where there is no way without it.

    Raises:
        GalleryError: The gallery has too few pairs.
    """
    threshold = threshold_of_different_people(gallery)
    if threshold is None:
        raise GalleryError(
            "too few people were seen together to tell from which similarity two are "
            "the same person; give a threshold"
        )
    return threshold


def different_people(records: Records) -> np.ndarray:
    """(P,) similarities of all pairs of records that show two people for certain."""
    found = [np.empty(0, np.float32)]
    for rows in _same_file(records.paths):
        part = records.take(rows)
        first, second = np.triu_indices(len(rows), 1)
        different = _two_people(part, first, second)
        vectors = part.embeddings
        first, second = first[different], second[different]
        found.append(np.einsum("pd,pd->p", vectors[first], vectors[second]))
    return np.concatenate(found)


def _same_file(paths: np.ndarray) -> list[np.ndarray]:
    """Rows of each file, in pieces of a few hundred, as pairs are many."""
    changes = np.flatnonzero(paths[1:] != paths[:-1]) + 1
    pieces = []
    for rows in np.split(np.arange(len(paths)), changes):
        pieces += [rows[begin : begin + 400] for begin in range(0, len(rows), 400)]
    return pieces


def _two_people(part: Records, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(P,) bool for pairs of rows of one file."""
    tracks, times = part.tracks, part.times
    tracked = (tracks[first] >= 0) & (tracks[second] >= 0)
    at_once = np.abs(times[first] - times[second]) <= MOMENT
    at_once &= part.starts[first] < part.ends[second]  # not one track after another
    at_once &= part.starts[second] < part.ends[first]
    overlapping = tracked & at_once & (tracks[first] != tracks[second])
    same_picture = ~tracked & (part.frames[first] == part.frames[second])
    apart = _shared(part.boxes[first], part.boxes[second]) < OVERLAP
    return (overlapping | same_picture) & apart


def _shared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(P,) area that two boxes share, of the smaller one's."""
    low = np.maximum(first[:, :2], second[:, :2])
    high = np.minimum(first[:, 2:], second[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    return shared / np.maximum(np.minimum(*areas), 1e-6)

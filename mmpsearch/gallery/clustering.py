"""Probable persons: tracks (or sightings) of all cameras, grouped by embedding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import normalise
from mmpsearch.gallery.different_people import need_threshold
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.records import join

MOST = 20_000  # groups to compare, each with each
APART = 10.0  # distance of two that cannot be one person


@dataclass(frozen=True)
class Person:
    """A probable person.

    Attributes:
        number: 0 for who was seen most often.
        ids: The person's records in the gallery, rising.
        cameras: Names of the cameras that saw the person, sorted.
        embedding: (D,) float32, the mean over tracks, L2-normalised.
    """

    number: int
    ids: np.ndarray
    cameras: tuple[str, ...]
    embedding: np.ndarray


def cluster_gallery(gallery: Gallery, threshold: float | None = None) -> list[Person]:
    """Group the tracks of all cameras into probable persons.

    Average linkage over cosine distance (scikit-learn); two tracks that overlap in
    time in one video, and two people of one picture, are never joined directly.

    Args:
        gallery: With tracks; records without one are tracks of a single sighting.
        threshold: Mean similarity from which groups are one person; None:
            ``threshold_of_different_people``.

    Returns:
        The people, who was seen most often first.

    Raises:
        GalleryError: Nobody to group, too many, or no threshold can be told.
        ImportError: Without scikit-learn; the message names the extra.
    """
    records = join(gallery.records(), gallery.dimension or 0)
    if not len(records):
        return []
    if threshold is None:
        threshold = need_threshold(gallery)
    keys = [
        (path, int(track)) if track >= 0 else ("", int(number))
        for path, track, number in zip(
            records.paths, records.tracks, records.ids, strict=True
        )
    ]
    index_of = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    if len(index_of) > MOST:
        raise GalleryError(
            f"{len(index_of)} tracks are too many to compare each with each ({MOST}); "
            "fill the gallery with tracks, or cluster parts of it"
        )
    rows = np.array([index_of[key] for key in keys])
    sums = np.zeros((len(index_of), records.embeddings.shape[1]))
    np.add.at(sums, rows, records.embeddings)
    means = normalise(sums)
    labels = _link(_distances(means, rows, records), threshold)[rows]
    people = []
    for label in np.unique(labels):
        mask = labels == label
        people.append(
            Person(
                number=0,
                ids=records.ids[mask],
                cameras=tuple(sorted(set(records.cameras[mask].tolist()))),
                embedding=normalise(means[np.unique(rows[mask])].mean(0)[None])[0],
            )
        )
    people.sort(key=lambda one: (-len(one.ids), int(one.ids[0])))
    return [
        Person(number, one.ids, one.cameras, one.embedding)
        for number, one in enumerate(people)
    ]


def _distances(means: np.ndarray, rows: np.ndarray, records) -> np.ndarray:
    """(T, T) cosine distances; ``APART`` for who was seen at once."""
    distances = 1.0 - means @ means.T
    first_rows = np.unique(rows, return_index=True)[1]
    one = records.take(first_rows)
    same_file = one.paths[:, None] == one.paths[None]
    tracked = (one.tracks[:, None] >= 0) & (one.tracks[None] >= 0)
    together = (one.starts[:, None] <= one.ends[None]) & (
        one.starts[None] <= one.ends[:, None]
    )
    same_picture = one.frames[:, None] == one.frames[None]
    at_once = same_file & np.where(tracked, together, same_picture)
    distances[at_once] = APART
    np.fill_diagonal(distances, 0.0)
    return distances.clip(min=0.0)


def _link(distances: np.ndarray, threshold: float) -> np.ndarray:
    """(T,) labels."""
    if len(distances) == 1:
        return np.zeros(1, np.int64)
    try:
        from sklearn.cluster import AgglomerativeClustering
    except ImportError as error:
        raise ImportError(
            "grouping people needs scikit-learn: pip install 'mmpsearch[cluster]'"
        ) from error
    model = AgglomerativeClustering(
        n_clusters=None,
        metric="precomputed",
        linkage="average",
        distance_threshold=1.0 - threshold,
    )
    return model.fit_predict(distances)

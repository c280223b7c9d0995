"""The answer to one query: ranked matches, or explicitly nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Match:
    """One gallery person.

    Attributes:
        rank: 1 for the most similar.
        similarity: Cosine similarity to the query, -1..1; with a ``SceneFilter``
            weighted.
        id: The person's number in the gallery; stable over saving and removing.
        path: Absolute path of the picture or video.
        box: (4,) float32, xyxy, pixels of the original picture.
        score: The detector's confidence.
        camera: The camera's name; ``""`` when unknown.
        time: Seconds since the video's start; None for a still picture.
        frame: Frame number in the video; -1 for a still picture.
        track: The track within the file; -1 for none.
        start: Seconds since the video's start at which the track begins; None for a
            still picture.
        end: As ``start``, the track's end.
        clock: Unix time at which the picture was taken; None when unknown.
    """

    rank: int
    similarity: float
    id: int
    path: str
    box: np.ndarray
    score: float
    camera: str
    time: float | None
    frame: int
    track: int = -1
    start: float | None = None
    end: float | None = None
    clock: float | None = None


@dataclass(frozen=True)
class SearchResult:
    """What the gallery says about one query.

    Attributes:
        matches: The best matches, most similar first; with a threshold only those
            that reach it.
        nearest: The most similar gallery person whether it reaches the threshold or
            not; None when the gallery holds nobody to compare with.
        threshold: The similarity from which two pictures count as the same person;
            None: every match is returned, and ranking is all that is said.
        searched: Number of gallery people that were compared.
        skipped: Number of people in scenes that cannot hold the query, see
            ``SceneFilter``; they were not compared.
    """

    matches: list[Match]
    nearest: Match | None
    threshold: float | None
    searched: int
    skipped: int = 0

    @property
    def found(self) -> bool:
        """False: no such person in the gallery."""
        return bool(self.matches)

    def __str__(self) -> str:
        if self.found:
            best = self.matches[0]
            return f"{len(self.matches)} matches, best {best.similarity:.3f}"
        if self.nearest is None:
            return (
                "no such person: there is nobody in the gallery, or in the cameras and "
                "times that were asked for"
            )
        return (
            f"no such person: the most similar of {self.searched} reaches "
            f"{self.nearest.similarity:.3f}, below {self.threshold:.3f}"
        )


def known(value: float) -> float | None:
    """A number of a column, where NaN stands for unknown."""
    return None if np.isnan(value) else float(value)

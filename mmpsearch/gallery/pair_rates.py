"""What a threshold lets through, measured on pairs of which the truth is known.

Two people of one picture are different people; two views of one track are the same
person. Both come from the gallery's own cameras and need no labels. They are easier
than the question asked of them: views of one track are alike in light and background,
and people of one picture are seen by one camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmpsearch.gallery.different_people import ENOUGH, different_people
from mmpsearch.gallery.gallery import Gallery
from mmpsearch.gallery.records import Records

RULE_OF_THREE = 3.0  # nothing in n pairs: below 3 / n with 95 % confidence


@dataclass(frozen=True, eq=False)
class PairRates:
    """Similarities of known pairs.

    Attributes:
        different: (P,) float32, rising, of two people.
        same: (S,) float32, rising, of one person.
    """

    different: np.ndarray
    same: np.ndarray

    def false_accepts(self, threshold: float) -> float | None:
        """Share of pairs of two people that reach the threshold; None without pairs."""
        return _reaching(self.different, threshold)

    def true_accepts(self, threshold: float) -> float | None:
        """Share of pairs of one person that reach the threshold; None without pairs."""
        return _reaching(self.same, threshold)

    def most_false_accepts(self, threshold: float) -> float | None:
        """``false_accepts``, and where no pair reaches it what can be said: 3 / P."""
        share = self.false_accepts(threshold)
        return RULE_OF_THREE / len(self.different) if share == 0 else share


def pair_rates(gallery: Gallery, enough: int = ENOUGH) -> PairRates:
    """Collect known pairs of a gallery.

    Args:
        gallery: With pictures in which several people were found, or with tracks.
        enough: Pairs of two people after which no more are looked for.
    """
    different, same, count = [np.empty(0, np.float32)], [np.empty(0, np.float32)], 0
    for records in gallery.records():
        different.append(different_people(records))
        same.append(views_of_one_track(records))
        count += len(different[-1])
        if count >= enough:
            break
    return PairRates(np.sort(np.concatenate(different)), np.sort(np.concatenate(same)))


def views_of_one_track(records: Records) -> np.ndarray:
    """(S,) similarities of each view of a track to the view before it."""
    order = np.lexsort((records.times, records.tracks, records.paths.astype(str)))
    part = records.take(order[records.tracks[order] >= 0])
    if len(part) < 2:
        return np.empty(0, np.float32)
    one = (part.paths[1:] == part.paths[:-1]) & (part.tracks[1:] == part.tracks[:-1])
    vectors = part.embeddings
    return np.einsum("pd,pd->p", vectors[1:][one], vectors[:-1][one])


def _reaching(rising: np.ndarray, threshold: float) -> float | None:
    if not len(rising):
        return None
    # compared as the search does, in double precision
    return float(np.mean(rising.astype(np.float64) >= threshold))

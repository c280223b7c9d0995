"""Why a query failed: who was ranked above its person, and where they were missed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mmpsearch.evaluation.functional.detections import Detections
from mmpsearch.evaluation.functional.matching import (
    paired_iou,
    relaxed_iou_threshold,
)
from mmpsearch.evaluation.functional.search_ranking import Ranked, SearchRanking

if TYPE_CHECKING:
    from mmpsearch.structures import SearchProtocol

UNLABELLED = -1  # a person of the ground truth without identity
NOBODY = -2  # no person of the ground truth
OVERLAP = 0.5


@dataclass(frozen=True)
class Failure:
    """What went wrong with one query.

    Attributes:
        query: its number.
        above: the wrong detections that are more similar than the first right one;
            all of them where there is no right one.
        people: (K,) int64 who they are: a person id, :data:`UNLABELLED` or
            :data:`NOBODY`.
        first: the first right detection, or nothing.
        missed: images with the person in which no detection overlaps them enough.
        missed_boxes: (M, 4) float64, xyxy, where the person is in those.
    """

    query: int
    above: Ranked
    people: np.ndarray
    first: Ranked
    missed: np.ndarray
    missed_boxes: np.ndarray


def people_of(protocol: "SearchProtocol", found: Detections) -> np.ndarray:
    """Who every detection is: the person that it overlaps most, by IoU at least 0.5.

    Args:
        protocol: with the ground truth.
        found: of all its images.

    Returns:
        (N,) int64 person ids, :data:`UNLABELLED` or :data:`NOBODY`.
    """
    people = np.full(len(found.scores), NOBODY)
    for image in range(protocol.num_images):
        boxes, ids = protocol.ground_truth_of(image)
        start, stop = found.offsets[image : image + 2]
        if not len(boxes) or start == stop:
            continue
        count = stop - start
        overlaps = paired_iou(
            np.repeat(found.boxes[start:stop], len(boxes), axis=0),
            np.tile(boxes, (count, 1)),
        ).reshape(count, len(boxes))
        best = overlaps.argmax(axis=1)
        enough = overlaps[np.arange(count), best] >= OVERLAP
        people[start:stop][enough] = ids[best[enough]]
    return people


def is_found(ranking: SearchRanking, image: int, box: np.ndarray) -> bool:
    """Whether a detection overlaps a person enough.

    Args:
        ranking: of the detections.
        image: where the person is.
        box: (4,) xyxy of the person.
    """
    overlaps = paired_iou(ranking.boxes[ranking.images == image], box[None])
    return bool((overlaps >= relaxed_iou_threshold(box[None])).any())


def failure(ranking: SearchRanking, people: np.ndarray, query: int) -> Failure:
    """What went wrong with a query.

    Args:
        ranking: of detections that are all scored high enough.
        people: of :func:`people_of`, of the same detections.
        query: its number.
    """
    ranked = ranking.best(query, len(people))
    rights = np.flatnonzero(ranked.correct)
    until = rights[0] if len(rights) else len(ranked.correct)
    above = _part(ranked, slice(0, until))
    positives = ranking.gallery.positives
    part = slice(*positives.offsets[query : query + 2])
    searched = ranking.gallery.counts(query, query + 1)[0] > 0
    asked = searched[positives.images[part]]  # the query's own picture often is not
    images, boxes = positives.images[part][asked], positives.boxes[part][asked]
    missed = [
        place
        for place, (image, box) in enumerate(zip(images, boxes, strict=True))
        if not is_found(ranking, int(image), box)
    ]
    return Failure(
        query=query,
        above=above,
        people=people[above.detections],
        first=_part(ranked, slice(until, until + 1)),
        missed=images[missed],
        missed_boxes=boxes[missed],
    )


def confusions(
    protocol: "SearchProtocol", failures: Iterable[Failure]
) -> list[tuple[int, int, int]]:
    """Pairs of people who are taken for each other, the most frequent first.

    Args:
        protocol: of the test set.
        failures: of its queries.

    Returns:
        ``(smaller id, larger id, detections)``: how many detections of either are
        above the first right one of the other's queries.
    """
    pairs: Counter[tuple[int, int]] = Counter()
    for one in failures:
        person = int(protocol.query_person_ids[one.query])
        for other in one.people.tolist():
            if other >= 0 and other != person:
                pairs[min(person, other), max(person, other)] += 1
    return [(*pair, count) for pair, count in sorted(pairs.items(), key=_most_first)]


def _most_first(item: tuple[tuple[int, int], int]) -> tuple[int, tuple[int, int]]:
    return -item[1], item[0]


def _part(ranked: Ranked, part: slice) -> Ranked:
    return Ranked(
        ranked.detections[part],
        ranked.images[part],
        ranked.similarities[part],
        ranked.correct[part],
        ranked.total,
    )

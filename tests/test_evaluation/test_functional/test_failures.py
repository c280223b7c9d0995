"""Who was above, who was missed: a case worked out by hand."""

import numpy as np
import pytest

from mmpsearch.evaluation.functional import Detections
from mmpsearch.evaluation.functional.failures import (
    NOBODY,
    UNLABELLED,
    confusions,
    failure,
    people_of,
)
from mmpsearch.evaluation.functional.search_ranking import SearchRanking
from mmpsearch.structures import SearchProtocol
from mmpsearch.structures.search_protocol import positives_from_ground_truth

LEFT, MIDDLE, RIGHT = [0, 0, 20, 40], [50, 0, 70, 40], [100, 0, 120, 40]


@pytest.fixture(scope="module")
def protocol():
    """Anna (1) and Bob (2) in all three pictures, a stranger in the second.

    Anna is looked for from picture 0, Bob from picture 2.
    """
    boxes = np.array([LEFT, MIDDLE, LEFT, MIDDLE, RIGHT, LEFT, MIDDLE], float)
    people, offsets = np.array([1, 2, 1, 2, -1, 1, 2]), np.array([0, 2, 5, 7])
    queries, ids = np.array([0, 2]), np.array([1, 2])
    offsets_of, images, positive = positives_from_ground_truth(
        boxes, people, offsets, queries, ids
    )
    return SearchProtocol(
        name="toy", image_keys=["a.jpg", "b.jpg", "c.jpg"],
        image_cameras=[0, 1, 1], gt_boxes=boxes, gt_person_ids=people,
        gt_offsets=offsets, query_images=queries,
        query_boxes=np.array([LEFT, MIDDLE], float), query_person_ids=ids,
        gallery_offsets=None, gallery_images=None, positive_offsets=offsets_of,
        positive_images=images, positive_boxes=positive,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    """a: both; b: Bob, the stranger, a wall, Anna; c: Bob alone, Anna is missed."""
    wall = [200, 0, 220, 40]
    boxes = [LEFT, MIDDLE, MIDDLE, RIGHT, wall, LEFT, MIDDLE]
    #      Anna's cosine with (1, 0): a 1, 0; b .8, .6, .28, .5; c 0
    cosines = np.array([1, 0, 0.8, 0.6, 0.28, 0.5, 0])
    embeddings = np.c_[cosines, np.sqrt(1 - cosines**2)]
    return Detections(
        np.array(boxes, np.float32), np.ones(7, np.float32),
        np.array([0, 2, 6, 7]), embeddings,
    )  # fmt: skip


def test_who_detections_are(protocol, found):
    assert people_of(protocol, found).tolist() == [1, 2, 2, UNLABELLED, NOBODY, 1, 2]


def test_what_went_wrong(protocol, found):
    people = people_of(protocol, found)
    ranking = SearchRanking(protocol, found, np.array([[1.0, 0], [0, 1.0]]))
    anna, bob = (failure(ranking, people, query) for query in (0, 1))
    # in b Bob (0.8) and the stranger (0.6) are above Anna (0.5)
    assert anna.people.tolist() == [2, UNLABELLED]
    np.testing.assert_allclose(anna.above.similarities, [0.8, 0.6])
    assert anna.first.detections.tolist() == [5]
    assert anna.missed.tolist() == [2] and anna.missed_boxes.tolist() == [LEFT]
    # Bob's best match is himself, in a; nobody is above, he is detected everywhere
    assert bob.people.tolist() == [] and bob.first.images.tolist() == [0]
    assert bob.missed.tolist() == []
    assert confusions(protocol, [anna, bob]) == [(1, 2, 1)]


def test_a_person_whom_no_detection_shows_is_below_everybody(protocol, found):
    nobody = Detections(
        found.boxes[1:2], found.scores[1:2], np.array([0, 1, 1, 1]),
        found.embeddings[1:2],
    )  # fmt: skip
    ranking = SearchRanking(protocol, nobody, np.array([[1.0, 0], [0, 1.0]]))
    people = people_of(protocol, nobody)
    anna, bob = (failure(ranking, people, query) for query in (0, 1))
    assert anna.people.tolist() == [] and anna.first.detections.tolist() == []
    assert anna.missed.tolist() == [1, 2]
    assert bob.first.images.tolist() == [0] and bob.missed.tolist() == [1]


def test_pairs_of_both_directions_are_counted_together(protocol, found):
    people = people_of(protocol, found)
    swapped = SearchRanking(protocol, found, np.array([[0, 1.0], [1.0, 0]]))
    anna, bob = (failure(swapped, people, query) for query in (0, 1))
    # Anna by Bob's look: in c Bob (1.0), in b the wall (.96) are above Anna (.87);
    # Bob by hers: in a Anna (1.0) is above Bob's best, in b (.8)
    assert anna.people.tolist() == [2, NOBODY] and bob.people.tolist() == [1]
    assert confusions(protocol, [anna, bob]) == [(1, 2, 2)]

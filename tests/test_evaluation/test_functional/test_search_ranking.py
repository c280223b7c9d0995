import numpy as np

from mmpsearch.evaluation.functional import Detections
from mmpsearch.evaluation.functional.search_ranking import SearchRanking
from mmpsearch.structures import SearchProtocol
from mmpsearch.structures.search_protocol import positives_from_ground_truth

ANNA, BOB = [0, 0, 20, 40], [50, 0, 70, 40]


def make_protocol():
    """Anna (1) is looked for from image 0; she is in 1 and 2, Bob (2) in 1."""
    boxes = np.array([ANNA, ANNA, BOB, ANNA], dtype=np.float64)
    people, offsets = np.array([1, 1, 2, 1]), np.array([0, 1, 3, 4])
    queries, ids = np.array([0]), np.array([1])
    positives = positives_from_ground_truth(boxes, people, offsets, queries, ids)
    return SearchProtocol(
        name="toy",
        image_keys=["a.jpg", "b.jpg", "c.jpg"],
        image_cameras=np.array([0, 1, 1]),
        gt_boxes=boxes,
        gt_person_ids=people,
        gt_offsets=offsets,
        query_images=queries,
        query_boxes=boxes[:1],
        query_person_ids=ids,
        gallery_offsets=None,
        gallery_images=None,
        positive_offsets=positives[0],
        positive_images=positives[1],
        positive_boxes=positives[2],
    )


# image 0: anna herself; 1: anna twice, bob; 2: anna, and one below the threshold
BOXES = np.array([ANNA, ANNA, [1, 0, 21, 40], BOB, ANNA, BOB], dtype=np.float32)
SCORES = np.array([0.9, 0.9, 0.8, 0.5, 0.6, 0.4], dtype=np.float32)
VECTORS = np.array([[1, 0], [3, 4], [4, 3], [5, 12], [2, 0], [1, 0]], dtype=np.float32)


def test_order_and_what_counts_as_right():
    found = Detections(BOXES, SCORES, np.array([0, 1, 4, 6]), VECTORS)
    ranking = SearchRanking(make_protocol(), found, np.array([[5.0, 0.0]]))
    ranked = ranking.best(0, 10)
    # cosines 1 (image 2), 0.8 and 0.6 (two boxes of Anna), 5 / 13 (Bob); not image 0
    assert ranked.detections.tolist() == [4, 2, 1, 3]
    assert ranked.images.tolist() == [2, 1, 1, 1]
    np.testing.assert_allclose(ranked.similarities, [1, 0.8, 0.6, 5 / 13], atol=1e-6)
    # of an image's boxes on the person the most similar one is right, no other
    assert ranked.correct.tolist() == [True, True, False, False]
    assert ranked.total == 4 and len(ranking.best(0, 2).detections) == 2


def test_weighted_by_scores():
    found = Detections(BOXES, SCORES, np.array([0, 1, 4, 6]), VECTORS)
    queries = np.array([[5.0, 0.0]])
    ranked = SearchRanking(
        make_protocol(), found, queries, confidence_weighted=True
    ).best(0, 4)
    assert ranked.detections.tolist() == [2, 4, 1, 3]
    np.testing.assert_allclose(
        ranked.similarities, [0.64, 0.6, 0.54, 2.5 / 13], atol=1e-6
    )


def test_nobody_was_found():
    found = Detections(BOXES, SCORES * 0, np.array([0, 1, 4, 6]), VECTORS)
    ranked = SearchRanking(make_protocol(), found, np.array([[5.0, 0.0]])).best(0, 4)
    assert ranked.total == len(ranked.detections) == len(ranked.correct) == 0

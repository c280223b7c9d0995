import numpy as np
import pytest

from mmpsearch.evaluation.functional import (
    PairDetections,
    person_search_metrics,
    query_centric_detection_metrics,
    query_centric_search_metrics,
)
from mmpsearch.evaluation.functional.similarity import Similarities
from tests.test_evaluation.search_cases import (
    SPNetGolden,
    box_at,
    make_protocol,
    random_case,
)

# person 1 twice in image 1, person 2 in images 0 and 2
PROTOCOL = make_protocol(
    [
        [(box_at(0), 1), (box_at(1), 2)],
        [(box_at(0), 1), (box_at(2), 1)],
        [(box_at(1), 2)],
    ],
    [(0, 0), (2, 0)],
)


def pairs(*rows):
    """From (query, image, position, score, similarity)."""
    queries, images, positions, scores, similarities = zip(*rows, strict=True)
    return PairDetections(
        np.array(queries),
        np.array(images),
        np.array([box_at(p) for p in positions], float),
        np.array(scores),
        np.array(similarities),
    )


def golden_pairs(golden):
    """Every pair has the image's boxes, with the query's scores and cosines."""
    rows = []
    for query, annotation in enumerate(golden.annotations):
        embedding = golden.queries[query].astype(float)
        embedding /= np.linalg.norm(embedding)
        for image, entry in enumerate(golden.images):
            found = np.array(entry["det_emb"], float).reshape(-1, 16)
            cosines = found @ embedding / np.linalg.norm(found, axis=1)
            scores = entry["qc_scores"][str(annotation)]
            for box, score, cosine in zip(
                entry["det_boxes"], scores, cosines, strict=True
            ):
                rows.append((query, image, box, score, cosine))
    queries, images, boxes, scores, similarities = zip(*rows, strict=True)
    return PairDetections(
        np.array(queries),
        np.array(images),
        np.array(boxes),
        np.array(scores, np.float32),
        np.array(similarities),
    )


def test_golden_numbers_of_spnet():
    golden = SPNetGolden()
    detections = golden_pairs(golden)
    expected = golden.results["qc_list"]
    found = query_centric_search_metrics(golden.whole, detections)
    assert found["mAP"] == pytest.approx(expected["test_test_det_mAP"], abs=1e-9)
    assert found["top1"] == pytest.approx(expected["test_test_det_top1"], abs=1e-9)
    expected = golden.results["qc_det"]
    found = query_centric_detection_metrics(
        golden.whole, detections, rule="row_and_column_maximum"
    )
    assert found["recall"] == pytest.approx(expected["test_recall@0.5"], abs=1e-9)
    assert found["ap"] == pytest.approx(expected["test_ap@0.5"], abs=1e-9)
    rap = found["ap"] * found["precision"]
    assert rap == pytest.approx(expected["test_rap@0.5"], abs=1e-9)


@pytest.mark.parametrize("listed", [False, True])
def test_equal_boxes_give_the_object_centric_result(listed):
    protocol, detections, queries = random_case(2, listed=listed)
    similarities = Similarities(queries, detections)
    count, total = len(queries), len(detections.scores)
    everything = np.arange(total)
    same = PairDetections(
        np.repeat(np.arange(count), total),
        np.tile(detections.images, count),
        np.tile(detections.boxes, (count, 1)),
        np.tile(detections.scores, count),
        np.concatenate([similarities.exact(q, everything) for q in range(count)]),
    )
    expected = person_search_metrics(protocol, detections, queries)["per_query"]
    found = query_centric_search_metrics(protocol, same)["per_query"]
    np.testing.assert_allclose(found.ap, expected.ap, atol=1e-12)
    assert found.rank.tolist() == expected.rank.tolist()
    shuffled = same.select(np.random.default_rng(0).permutation(count * total))
    again = query_centric_search_metrics(protocol, shuffled)["per_query"]
    np.testing.assert_allclose(again.ap, expected.ap, atol=1e-12)


def test_search_by_hand():
    found = query_centric_search_metrics(
        PROTOCOL,
        pairs(
            (0, 1, 0, 0.9, 0.7),  # person 1 found
            (0, 2, 1, 0.9, 0.8),  # somebody else, more similar
            (0, 0, 0, 0.9, 1.0),  # own image: not searched
            (1, 0, 1, 0.4, 0.9),  # person 2, below the threshold
            (1, 1, 0, 0.9, 0.1),
        ),
    )
    assert found["per_query"].ap.tolist() == [0.5, 0]
    assert found["per_query"].expected.tolist() == [1, 1]
    assert found["per_query"].rank.tolist() == [2, 0]


def test_confidence_weighting():
    rows = [(0, 1, 0, 0.5, 0.8), (0, 2, 1, 1.0, 0.7), (1, 0, 1, 1.0, 1.0)]
    assert query_centric_search_metrics(PROTOCOL, pairs(*rows))["mAP"] == 1
    weighted = query_centric_search_metrics(
        PROTOCOL, pairs(*rows), confidence_weighted=True
    )
    assert weighted["per_query"].ap.tolist() == [0.5, 1]


def test_detection_by_hand():
    found = query_centric_detection_metrics(
        PROTOCOL,
        pairs(
            (0, 0, 0, 0.9, 0),  # own image counts: hit
            (0, 1, 0, 0.8, 0),  # hit, the person's other box is missed
            (0, 2, 1, 0.9, 0),  # person 1 is not in image 2: ignored
            (1, 0, 0, 0.7, 0),  # in the image, but on the wrong person
        ),
    )
    # boxes to find: query 0 one and two, query 1 one and one
    assert found["num_gt"] == 5
    assert found["num_detections"] == 3
    assert found["recall"] == 2 / 5
    assert found["ap"] == pytest.approx(1 * 2 / 5)


def test_detection_in_listed_galleries():
    """Pairs that no list names were not searched: they are not to be found."""
    people = [[(box_at(0), 1)], [(box_at(0), 1)], [(box_at(1), 1)], [(box_at(2), 2)]]
    protocol = make_protocol(people, [(0, 0)], galleries=[[1, 3, 1]])
    found = query_centric_detection_metrics(protocol, pairs((0, 1, 0, 0.9, 0)))
    assert (found["num_gt"], found["recall"]) == (1, 1)


def test_nothing_detected():
    empty = pairs((0, 1, 0, 0.1, 0.9))
    assert query_centric_search_metrics(PROTOCOL, empty)["mAP"] == 0
    assert query_centric_detection_metrics(PROTOCOL, empty)["recall"] == 0

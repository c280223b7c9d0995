import numpy as np
import pytest

from mmpsearch.evaluation.functional import (
    Detections,
    WholeGallery,
    person_search_metrics,
)
from tests.test_evaluation.search_cases import (
    box_at,
    make_protocol,
    random_case,
    slow_search,
)

# person 1 in all images, person 2 in images 0 and 1
PEOPLE = [
    [(box_at(0), 1), (box_at(1), 2)],
    [(box_at(0), 1), (box_at(1), 2)],
    [(box_at(0), 1), (box_at(2), -1)],
]
ONE, TWO, OTHER = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
PROTOCOL = make_protocol(PEOPLE, [(0, 0), (0, 1)])
QUERIES = np.array([ONE, TWO])


def detect(*images):
    """Detections from (position, embedding[, score]) per image."""
    return Detections.from_images(
        [np.array([box_at(d[0]) for d in image]) for image in images],
        [np.array([d[2] if len(d) > 2 else 1.0 for d in image]) for image in images],
        [np.array([d[1] for d in image]) for image in images],
    )


def search(*images, protocol=PROTOCOL, queries=QUERIES, **options):
    return person_search_metrics(protocol, detect(*images), queries, **options)


def test_perfect_detections():
    found = search([], [(0, ONE), (1, TWO)], [(0, ONE), (2, OTHER)])
    assert found["mAP"] == found["top1"] == found["top5"] == found["top10"] == 1
    assert found["per_query"].ap.tolist() == [1, 1]


def test_perfect_ground_truth_boxes():
    embeddings = np.array([ONE, TWO, ONE, TWO, ONE, OTHER])
    truth = Detections.from_ground_truth(PROTOCOL, embeddings)
    assert person_search_metrics(PROTOCOL, truth, QUERIES)["mAP"] == 1


def test_no_detections():
    found = search([], [], [])
    assert found["mAP"] == found["top1"] == found["top10"] == 0
    assert found["num_unmatched"] == 0


def test_wrong_detection_first():
    # ranking of query 0: somebody else in image 2 (0.9), then both hits
    close = [0.9, np.sqrt(1 - 0.81), 0]
    far = [0.8, 0, 0.6]
    found = search([], [(0, far)], [(0, far), (2, close)])
    assert found["per_query"].ap[0] == pytest.approx(2 / 3)
    assert found["per_query"].rank[0] == 2
    assert found["top1"] == 0


def test_missed_person_lowers_average_precision():
    found = search([], [(0, ONE)], [])
    assert found["per_query"].ap.tolist() == [0.5, 0]
    assert found["per_query"].found.tolist() == [1, 0]
    assert found["per_query"].expected.tolist() == [2, 1]


def test_only_the_most_similar_duplicate_is_correct():
    almost = [0.8, 0.6, 0]
    found = search([], [(0, almost), (0, ONE)], [(0, almost)])
    # ranked: hit (1.0), duplicate and hit tied at 0.8
    assert found["per_query"].ap[0] == pytest.approx((1 + 2 / 3) / 2)
    alone = search([], [(0, almost), (0, ONE)], [])
    assert alone["per_query"].rank[0] == 1


def test_localisation_decides():
    # right appearance at a wrong place is no match
    found = search([], [(5, ONE), (0, OTHER)], [])
    assert found["per_query"].ap[0] == pytest.approx(0.5 * 0.5)


def test_own_image_is_not_searched():
    found = search([(0, ONE), (1, TWO)], [], [])
    assert found["mAP"] == 0


def test_low_scores_are_ignored():
    images = ([], [(0, ONE, 0.4), (1, TWO, 0.5)], [(0, ONE, 0.6)])
    assert search(*images)["per_query"].ap.tolist() == [0.5, 1]
    low = search(*images, score_threshold=0.3)
    assert low["per_query"].ap.tolist() == [1, 1]


def test_confidence_weighting_changes_the_ranking():
    almost = [0.9, np.sqrt(1 - 0.81), 0]
    images = ([], [(0, ONE, 0.6)], [(0, ONE, 0.6), (2, almost, 1.0)])
    assert search(*images)["per_query"].ap[0] == 1
    weighted = search(*images, confidence_weighted=True)
    assert weighted["per_query"].ap[0] == pytest.approx(2 / 3)


def test_length_counts_only_without_normalisation():
    images = ([], [(0, ONE)], [(0, ONE), (2, [2.0, 2.0, 0.0])])
    assert search(*images)["per_query"].ap[0] == 1
    assert search(*images, normalize=False)["per_query"].ap[0] == pytest.approx(2 / 3)


def test_equal_similarities_count_against_the_person():
    found = search([], [(0, ONE), (3, ONE), (4, ONE)], [])
    assert found["per_query"].ap[0] == pytest.approx(1 / 3 * 0.5)
    assert found["per_query"].rank[0] == 3


def test_query_without_match():
    protocol = make_protocol(PEOPLE, [(0, 0), (0, 1)], [[1, 2], [2]])
    images = ([], [(0, ONE), (1, TWO)], [(0, ONE)])
    found = search(*images, protocol=protocol)
    assert found["num_unmatched"] == 1
    assert found["mAP"] == found["top1"] == 0.5
    assert search(*images, protocol=protocol, unmatched="skip")["mAP"] == 1


def test_listed_twice_is_searched_once_but_expected_twice():
    protocol = make_protocol(PEOPLE, [(0, 0)], [[1, 2, 1]])
    found = search([], [(0, ONE)], [(0, ONE)], protocol=protocol, queries=QUERIES[:1])
    assert found["per_query"].expected.tolist() == [3]
    assert found["per_query"].found.tolist() == [2]
    assert found["mAP"] == pytest.approx(2 / 3)


def test_images_outside_the_list_do_not_matter():
    protocol = make_protocol(PEOPLE, [(0, 0)], [[1]])
    found = search([], [(0, ONE)], [(5, ONE)], protocol=protocol, queries=QUERIES[:1])
    assert found["mAP"] == 1


def test_single_image():
    protocol = make_protocol([[(box_at(0), 1)]], [(0, 0)])
    found = search([(0, ONE)], protocol=protocol, queries=QUERIES[:1])
    assert found["mAP"] == 0
    assert found["num_unmatched"] == 1


def test_no_queries():
    protocol = make_protocol(PEOPLE, [])
    found = search([], [], [(0, ONE)], protocol=protocol, queries=np.zeros((0, 3)))
    assert found["mAP"] == 0
    assert found["num_queries"] == 0


def test_sizes_are_checked():
    with pytest.raises(ValueError, match="2 queries.*1 query"):
        search([], [], [], queries=QUERIES[:1])
    with pytest.raises(ValueError, match="3 images.*of 1"):
        search([])


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_random_cases_equal_the_slow_evaluator(seed, listed, ties):
    case = random_case(seed, listed=listed, ties=ties)
    found = person_search_metrics(*case)["per_query"]
    ap, rank = slow_search(*case)
    np.testing.assert_allclose(found.ap, ap, atol=1e-12)
    assert found.rank.tolist() == rank.tolist()


@pytest.mark.parametrize("cameras", ["cross", "same"])
@pytest.mark.parametrize("seed", range(3))
def test_camera_rules_equal_the_slow_evaluator(seed, cameras):
    case = random_case(seed)
    found = person_search_metrics(*case, cameras=cameras)["per_query"]
    ap, rank = slow_search(*case, cameras=cameras)
    np.testing.assert_allclose(found.ap, ap, atol=1e-12)
    assert found.rank.tolist() == rank.tolist()


def test_whole_gallery_of_a_listed_protocol():
    protocol, detections, queries = random_case(1, listed=True)
    found = person_search_metrics(
        protocol, detections, queries, gallery=WholeGallery(protocol)
    )
    whole = protocol.replace(gallery_offsets=None, gallery_images=None)
    ap, _ = slow_search(whole, detections, queries)
    np.testing.assert_allclose(found["per_query"].ap, ap, atol=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_order_of_detections_does_not_matter(ties):
    protocol, detections, queries = random_case(3, dim=64, ties=ties)
    expected = person_search_metrics(protocol, detections, queries)["per_query"]
    rng = np.random.default_rng(0)
    key = rng.random(len(detections.scores))
    order = np.lexsort((key, detections.images))
    shuffled = Detections(
        detections.boxes[order],
        detections.scores[order],
        detections.offsets,
        detections.embeddings[order],
    )
    found = person_search_metrics(protocol, shuffled, queries)["per_query"]
    assert found.ap.tolist() == expected.ap.tolist()
    assert found.rank.tolist() == expected.rank.tolist()


def test_order_of_queries_and_lists_does_not_matter():
    protocol, detections, queries = random_case(4, listed=True)
    expected = person_search_metrics(protocol, detections, queries)["per_query"]
    order = np.random.default_rng(1).permutation(len(queries))
    lists = [protocol.gallery_of(q)[::-1] for q in order]
    positives = [protocol.positives_of(q) for q in order]
    permuted = protocol.replace(
        query_images=protocol.query_images[order],
        query_boxes=protocol.query_boxes[order],
        query_person_ids=protocol.query_person_ids[order],
        gallery_offsets=np.cumsum([0] + [len(g) for g in lists]),
        gallery_images=np.concatenate(lists),
        positive_offsets=np.cumsum([0] + [len(i) for i, _ in positives]),
        positive_images=np.concatenate([i for i, _ in positives]),
        positive_boxes=np.concatenate([b for _, b in positives]),
    )
    found = person_search_metrics(permuted, detections, queries[order])["per_query"]
    assert found.ap.tolist() == expected.ap[order].tolist()


def test_scale_of_embeddings_does_not_matter():
    protocol, detections, queries = random_case(5, dim=16)
    expected = person_search_metrics(protocol, detections, queries)["per_query"]
    scaled = Detections(
        detections.boxes,
        detections.scores,
        detections.offsets,
        detections.embeddings * np.float32(1024),
    )
    found = person_search_metrics(protocol, scaled, queries * np.float32(0.25))
    assert found["per_query"].ap.tolist() == expected.ap.tolist()


@pytest.mark.parametrize("listed", [False, True])
def test_blocks_and_paths_give_the_same(listed, monkeypatch):
    from mmpsearch.evaluation.functional import person_search

    case = random_case(6, dim=32, listed=listed, ties=True)
    expected = person_search_metrics(*case)["per_query"]
    small = person_search_metrics(*case, block_mib=0)["per_query"]
    assert small.ap.tolist() == expected.ap.tolist()
    for share in (0, 2):  # always a full product, always fetch rows
        monkeypatch.setattr(person_search, "GATHER_BELOW", share)
        found = person_search_metrics(*case)["per_query"]
        assert found.ap.tolist() == expected.ap.tolist()
        assert found.rank.tolist() == expected.rank.tolist()

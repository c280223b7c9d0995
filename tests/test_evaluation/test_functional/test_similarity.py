import numpy as np
import pytest

from mmpsearch.evaluation.functional import Detections
from mmpsearch.evaluation.functional.similarity import Similarities


def detections(embeddings, scores=None):
    count = len(embeddings)
    scores = np.ones(count) if scores is None else scores
    boxes, offsets = np.zeros((count, 4)), np.array([0, count])
    return Detections(boxes, np.asarray(scores, np.float32), offsets, embeddings)


def test_cosine_by_hand():
    found = detections(np.array([[3.0, 4.0], [0.0, 2.0], [-1.0, 0.0]]))
    block = Similarities(np.array([[2.0, 0.0]]), found).block(0, 1)
    np.testing.assert_allclose(block, [[0.6, 0, -1]], atol=1e-7)


def test_dot_product_and_confidence():
    found = detections(np.array([[3.0, 4.0], [0.0, 2.0]]), [0.5, 1.0])
    query = np.array([[2.0, 1.0]])
    plain = Similarities(query, found, normalize=False)
    assert plain.block(0, 1).tolist() == [[10, 2]]
    weighted = Similarities(query, found, normalize=False, confidence_weighted=True)
    assert weighted.exact(0, np.array([0, 1])).tolist() == [5, 2]


@pytest.mark.parametrize("dim", [3, 128, 2048])
@pytest.mark.parametrize("normalize", [True, False])
def test_block_row_and_exact_agree_within_tolerance(dim, normalize):
    rng = np.random.default_rng(dim)
    rows = rng.standard_normal((400, dim)) * rng.uniform(0.1, 20, (400, 1))
    rows[:20] = np.abs(rows[:20])  # long sums of one sign round worst
    queries = np.abs(rng.standard_normal((6, dim)))
    scores = rng.uniform(0, 1, 400)
    similarities = Similarities(queries, detections(rows, scores), normalize, True)
    block = similarities.block(0, 6)
    everything = np.arange(400)
    for query in range(6):
        exact = similarities.exact(query, everything)
        limit = similarities.tolerance(query)
        assert np.abs(block[query] - exact).max() < limit / 4
        assert np.abs(similarities.row(query, everything) - exact).max() < limit / 4
        if normalize:
            assert limit < 2e-5


def test_other_people():
    found = detections(np.array([[3.0, 4.0], [0.0, 2.0]]), [0.5, 1.0])
    similarities = Similarities(np.ones((1, 2)), found, confidence_weighted=True)
    people = similarities.with_people(np.array([[0.0, 9.0]]), np.array([0, 1]))
    np.testing.assert_allclose(people, [[0.4, 1.0]])


def test_zero_embeddings_have_similarity_zero():
    found = detections(np.zeros((2, 3)))
    assert Similarities(np.ones((1, 3)), found).block(0, 1).tolist() == [[0, 0]]
    assert Similarities(np.zeros((1, 3)), found).block(0, 1).tolist() == [[0, 0]]


def test_not_finite_embedding_is_named():
    rows = np.ones((5, 3), np.float32)
    rows[3, 1] = np.nan
    with pytest.raises(ValueError, match="detection embedding 3 .*NaN"):
        Similarities(np.ones((1, 3)), detections(rows))
    with pytest.raises(ValueError, match="query embedding 3 "):
        Similarities(rows, detections(np.ones((1, 3))))


def test_dimensions_must_agree():
    with pytest.raises(ValueError, match="2 dimensions.*3"):
        Similarities(np.ones((1, 2)), detections(np.ones((1, 3))))


def test_without_embeddings():
    with pytest.raises(ValueError, match="no embeddings"):
        Similarities(
            np.ones((1, 2)),
            detections(np.ones((1, 2))).__class__(
                np.zeros((1, 4)), np.ones(1), np.array([0, 1])
            ),
        )

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.refinement import refined_query

X, Y = np.eye(2, dtype=np.float32)


def test_without_judgements_it_is_the_query():
    np.testing.assert_allclose(refined_query(3 * X[None]), X)


def test_same_is_the_mean_of_the_pictures():
    diagonal = np.array([1, 1]) / np.sqrt(2)
    np.testing.assert_allclose(refined_query(X[None], Y[None]), diagonal, atol=1e-6)


def test_different_is_subtracted_by_hand():
    # (1, 0) - 0.2 (0, 1), of length 1
    expected = np.array([1, -0.2]) / np.sqrt(1.04)
    got = refined_query(X[None], None, Y[None])
    np.testing.assert_allclose(got, expected, atol=1e-6)
    assert got @ Y < X @ Y


def test_who_was_judged_another_person_falls_and_who_was_judged_the_same_rises():
    generator = np.random.default_rng(0)
    query, same, other = generator.normal(size=(3, 16)) + 0.5
    before = refined_query(query[None])
    after = refined_query(query[None], same[None], other[None])
    assert after @ same > before @ same
    only = refined_query(query[None], None, other[None])
    assert only @ other < before @ other


def test_lengths_and_order_do_not_matter():
    generator = np.random.default_rng(1)
    query, same, other = (generator.normal(size=(n, 8)) for n in (1, 3, 2))
    one = refined_query(query, same, other)
    two = refined_query(7 * query, same[::-1] * 0.1, other[::-1])
    np.testing.assert_allclose(one, two, atol=1e-6)
    assert np.linalg.norm(one) == pytest.approx(1)


def test_pictures_that_cancel_each_other_out():
    with pytest.raises(GalleryError, match="no direction left"):
        refined_query(X[None], -X[None])

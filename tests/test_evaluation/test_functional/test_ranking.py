import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from mmpsearch.evaluation.functional import average_precision
from mmpsearch.evaluation.functional.ranking import (
    best_rank,
    count_at_least,
    positive_precisions,
)


def test_average_precision_by_hand():
    # ranked: + - + -  ->  (1/1 + 2/3) / 2
    positive, scores = [True, False, True, False], [0.9, 0.8, 0.7, 0.6]
    assert average_precision(positive, scores) == pytest.approx(5 / 6, abs=1e-15)


def test_tied_scores_enter_together():
    # all equal: precision is the share of positives, whatever the order
    assert average_precision([True, False, False, True], np.ones(4)) == 0.5


def test_no_positive():
    assert average_precision([False, False], [1, 2]) == 0
    assert average_precision([], []) == 0


@pytest.mark.parametrize("levels", [2, 5, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_average_precision_equals_sklearn_with_ties(levels, seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, levels, 60) / levels
    positive = rng.random(60) < 0.3
    expected = average_precision_score(positive, scores)
    assert average_precision(positive, scores) == pytest.approx(expected, abs=1e-14)
    order = rng.permutation(60)
    again = average_precision(positive[order], scores[order])
    assert again == pytest.approx(expected, abs=1e-14)


def test_count_at_least_of_exact_scores():
    scores = np.array([3.0, 1.0, 2.0, 2.0])
    assert count_at_least(scores, np.array([2.0, 3.0, 0.5])).tolist() == [3, 1, 4]
    assert count_at_least(scores, np.zeros(0)).tolist() == []


def test_count_at_least_of_approximate_scores():
    rng = np.random.default_rng(0)
    exact = rng.integers(0, 40, 500) / 40  # many ties
    noisy = (exact + rng.uniform(-0.01, 0.01, 500)).astype(np.float32)
    thresholds = exact[:30]
    counts = count_at_least(noisy, thresholds, 0.0101, lambda rows: exact[rows])
    assert counts.tolist() == [int(np.sum(exact >= t)) for t in thresholds]


def test_only_near_scores_are_computed_again():
    scores = np.array([0.1, 0.5, 0.9], np.float32)
    asked = []

    def exact(rows):
        asked.append(rows.tolist())
        return scores[rows].astype(float)

    count_at_least(scores, np.array([0.5]), 1e-6, exact)
    assert asked == []  # only the threshold's own score is near
    near = np.array([0.1, 0.5, 0.5, 0.9], np.float32)
    scores = near
    assert count_at_least(near, np.array([0.5]), 1e-6, exact).tolist() == [3]
    assert asked == [[1, 2]]


def test_positive_precisions():
    # positives at ranks 1, 4, 4 (two tied with one negative)
    precisions = positive_precisions(np.array([4, 1, 4]))
    assert precisions.tolist() == [3 / 4, 1, 3 / 4]


def test_best_rank_is_pessimistic_in_ties():
    assert best_rank(np.array([7, 3])) == 3
    assert best_rank(np.array([4, 4])) == 3  # two positives tied with two negatives
    assert best_rank(np.array([1])) == 1
    assert best_rank(np.zeros(0, int)) == 0

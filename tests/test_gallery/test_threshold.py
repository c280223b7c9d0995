import math

import numpy as np
import pytest

from mmpsearch.gallery.threshold import suggest_threshold

SAME = [0.95, 0.80, 0.72, 0.40]
DIFFERENT = [0.90, 0.70, 0.60, 0.50, 0.30, 0.20, 0.10, 0.05, 0.0, -0.2]
PAIRS = np.array(SAME + DIFFERENT), np.array([True] * 4 + [False] * 10)


@pytest.mark.parametrize(
    ("rate", "threshold", "false_accept", "true_accept"),
    [
        (0.1, 0.72, 0.1, 0.75),  # 0.90 may pass, 0.70 must not
        (0.19, 0.72, 0.1, 0.75),
        (0.2, 0.70, 0.2, 0.75),
        (0.4, 0.40, 0.4, 1.0),  # 0.30 must not pass, 0.40 is a measured pair
        (1.0, -0.2, 1.0, 1.0),
    ],
)
def test_by_hand(rate, threshold, false_accept, true_accept):
    report = suggest_threshold(*PAIRS, rate)
    assert report.threshold == threshold
    assert report.false_accept_rate == pytest.approx(false_accept)
    assert report.true_accept_rate == pytest.approx(true_accept)
    assert (report.num_same, report.num_different) == (4, 10)


def test_ties_are_accepted_together_or_not_at_all():
    report = suggest_threshold([0.5] * 10 + [0.4], [False] * 10 + [True], 0.5)
    assert report.threshold == np.nextafter(0.5, 1)
    assert report.false_accept_rate == 0 and report.true_accept_rate == 0


def test_the_rate_is_never_exceeded_and_the_threshold_is_the_lowest():
    rng = np.random.default_rng(0)
    for rate in (0.01, 0.03, 0.1, 0.3):
        similarities = np.round(rng.normal(size=400), 2)
        is_same = rng.random(400) < 0.3
        report = suggest_threshold(similarities, is_same, rate)
        different = similarities[~is_same]
        assert report.false_accept_rate <= rate
        lower = np.unique(similarities[similarities < report.threshold])
        assert all(np.mean(different >= value) > rate for value in lower)


def test_without_a_pair_of_the_same_person():
    report = suggest_threshold(np.linspace(0, 1, 100), [False] * 100, 0.01)
    assert report.threshold == 1.0 and math.isnan(report.true_accept_rate)


@pytest.mark.parametrize(
    ("similarities", "is_same", "rate", "message"),
    [
        ([0.1], [True, False], 0.5, "same length"),
        ([np.nan], [False], 1, "finite"),
        ([0.1], [False], 0, "false_accept_rate"),
        ([0.1] * 9, [False] * 9, 0.1, "at least 10"),
    ],
)
def test_errors(similarities, is_same, rate, message):
    with pytest.raises(ValueError, match=message):
        suggest_threshold(similarities, is_same, rate)

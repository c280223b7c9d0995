import numpy as np
import pytest

from mmpsearch.evaluation.functional import QueryResults, per_camera_summary


def three_queries():
    results = QueryResults.empty(3)
    results.record(0, np.array([1, 4]), expected=2)  # ranks 1 and 4
    results.record(1, np.array([6]), expected=3)  # two of three missed
    results.record(2, np.zeros(0, int), expected=0)  # nobody to find
    return results


def test_record_by_hand():
    results = three_queries()
    np.testing.assert_allclose(results.ap, [(1 + 2 / 4) / 2, (1 / 6) / 3, 0])
    assert results.rank.tolist() == [1, 6, 0]
    assert results.found.tolist() == [2, 1, 0]


def test_summary_by_hand():
    summary = three_queries().summary(topk=(1, 5, 10))
    assert summary["mAP"] == pytest.approx((0.75 + 1 / 18) / 3)
    assert summary["top1"] == summary["top5"] == pytest.approx(1 / 3)
    assert summary["top10"] == pytest.approx(2 / 3)


def test_unmatched_queries_can_be_skipped():
    summary = three_queries().summary(unmatched="skip")
    assert summary["mAP"] == pytest.approx((0.75 + 1 / 18) / 2)
    assert summary["top10"] == 1
    with pytest.raises(ValueError, match="'drop'"):
        three_queries().summary(unmatched="drop")


def test_no_query():
    assert QueryResults.empty(0).summary((1,)) == {"mAP": 0, "top1": 0}
    only_unmatched = three_queries().select(np.array([2]))
    assert only_unmatched.summary((1,), "skip") == {"mAP": 0, "top1": 0}


def test_per_camera_means_recombine():
    results = three_queries()
    summaries = per_camera_summary(results, np.array([4, 2, 4]))
    assert sorted(summaries) == [2, 4]
    assert summaries[4]["mAP"] == pytest.approx(0.375)
    total = (2 * summaries[4]["mAP"] + summaries[2]["mAP"]) / 3
    assert total == pytest.approx(results.summary()["mAP"])

"""Ranking metrics against reference toolboxes, a slow loop and hand-made cases."""

import numpy as np
import pytest
import torch

from mmpsearch.evaluation.functional import rank_metrics
from mmpsearch.evaluation.functional.identity_pairs import IdentityPairs
from mmpsearch.evaluation.functional.rank import (
    average_precisions,
    inverse_negative_penalties,
    match_ranks,
)

from .reid_oracles import GOLDEN, random_task, slow_rank_metrics

LABELS = ("q_pids", "g_pids", "q_camids", "g_camids")


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "ranking.npz") as arrays:
        return dict(arrays)


def check_equal(found, expected, tolerance=1e-12):
    mean_precision, cmc, penalty, valid = expected
    assert found.mAP == pytest.approx(mean_precision, abs=tolerance)
    assert found.mINP == pytest.approx(penalty, abs=tolerance)
    np.testing.assert_allclose(found.cmc, cmc, atol=tolerance, rtol=0)
    assert found.num_valid_queries == valid


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_golden(golden, size):
    labels = [golden[f"{size}/{name}"] for name in LABELS]
    distances = golden[f"{size}/distmat"]
    check_equal(
        rank_metrics(distances, *labels),
        [golden[f"{size}/{name}"] for name in ("mAP", "cmc", "mINP", "num_valid_q")],
        1e-6,
    )
    ranks = match_ranks(distances, IdentityPairs(*labels))
    for values, name in (
        (average_precisions(ranks), "all_AP"),
        (inverse_negative_penalties(ranks), "all_INP"),
    ):
        values = values[~np.isnan(values)]
        np.testing.assert_allclose(values, golden[f"{size}/{name}"], atol=1e-7)
    truncated = rank_metrics(distances, *labels, ap_depth=50).mAP
    assert truncated == pytest.approx(float(golden[f"{size}/info_mAP_at_50"]), abs=1e-7)


@pytest.mark.parametrize(
    "ties, name",
    [("stable", "stable"), ("optimistic", "opt"), ("pessimistic", "pess")],
)
def test_golden_ties(golden, ties, name):
    labels = [golden[f"ties/{label}"] for label in LABELS]
    found = rank_metrics(golden["ties/distmat"], *labels, ties=ties)
    assert found.mAP == pytest.approx(float(golden[f"ties/{name}_mAP"]), abs=1e-9)


@pytest.mark.parametrize("steps", [0, 1, 4, 30])
@pytest.mark.parametrize("seed", range(4))
def test_equals_slow_loop(seed, steps):
    task = random_task(seed, steps=steps)
    check_equal(rank_metrics(*task), slow_rank_metrics(*task))


@pytest.mark.parametrize("steps", [0, 4])
def test_tie_orders_bound_the_stable_one(steps):
    """Breaking ties by hand, for or against the matches, gives the two bounds."""
    task = random_task(7, steps=steps)
    same = task[1][:, None] == task[2]
    for ties, sign in (("optimistic", -1), ("pessimistic", 1)):
        nudged = task[0] + sign * 1e-9 * same
        expected = slow_rank_metrics(nudged, *task[1:])
        check_equal(rank_metrics(*task, ties=ties), expected)


def test_by_hand():
    """One query: junk first, then miss, match, miss, match."""
    found = rank_metrics(
        [[0.0, 0.1, 0.2, 0.3, 0.4]], [7], [7, 1, 7, 2, 7], [0], [0, 0, 1, 0, 2], 4
    )
    assert found.mAP == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert found.mINP == 2 / 4
    np.testing.assert_array_equal(found.cmc, [0, 1, 1, 1])
    mean_precision, cmc, penalty, valid = found  # also a plain tuple, in this order
    assert (mean_precision, penalty, valid) == (found.mAP, found.mINP, 1)


def test_ties_rank_by_gallery_index():
    found = rank_metrics([[0.5, 0.5, 0.5, 0.5]], [3], [1, 3, 2, 3], max_rank=4)
    assert found.mAP == pytest.approx((1 / 2 + 2 / 4) / 2)
    left_out_first = rank_metrics(
        [[0.5, 0.5, 0.5, 0.5]], [3], [3, 1, 3, 3], [0], [0, 1, 1, 0], 4
    )
    assert left_out_first.mAP == pytest.approx(1 / 2)


def test_without_cameras_and_with_unknown_cameras_nothing_is_left_out():
    task = random_task(3)
    apart = rank_metrics(*task[:3], np.zeros_like(task[3]), np.ones_like(task[4]))
    unknown = rank_metrics(*task[:3], np.full_like(task[3], -1), task[4])
    without = rank_metrics(*task[:3])
    for found in (unknown, without):
        check_equal(found, apart)


def test_perfect_and_collapsed_features():
    """One-hot identities are perfect; equal features are no better than chance."""
    rng = np.random.default_rng(0)
    query_ids, gallery_ids = rng.integers(0, 10, 40), rng.integers(0, 10, 300)
    cameras = np.zeros(40, int), np.ones(300, int)
    one_hot = np.eye(10, dtype=np.float32)
    found = rank_metrics(
        (one_hot[query_ids], one_hot[gallery_ids]), query_ids, gallery_ids, *cameras
    )
    assert (found.mAP, found.mINP, found.cmc[0]) == (1, 1, 1)
    constant = np.zeros((40, 300), np.float32)
    labels = (query_ids, gallery_ids, *cameras)
    stable = rank_metrics(constant, *labels)
    assert 0.05 < stable.mAP < 0.2
    assert rank_metrics(constant, *labels, ties="optimistic").mAP == 1
    assert rank_metrics(constant, *labels, ties="pessimistic").mAP < stable.mAP


def test_gallery_order_does_not_matter_without_ties():
    task = random_task(5)
    order = np.random.default_rng(1).permutation(len(task[2]))
    shuffled = (task[0][:, order], task[1], task[2][order], task[3], task[4][order])
    check_equal(rank_metrics(*shuffled), rank_metrics(*task))


def test_names_of_identities_and_cameras_do_not_matter():
    task = random_task(6)
    renamed = (task[0], 100 - task[1], 100 - task[2], task[3] * 7 + 1, task[4] * 7 + 1)
    check_equal(rank_metrics(*renamed), rank_metrics(*task))


def test_only_the_order_of_distances_matters():
    task = random_task(8)
    check_equal(rank_metrics(np.exp(3 * task[0]), *task[1:]), rank_metrics(*task))


def test_gallery_shorter_than_max_rank():
    task = random_task(2, num_gallery=11)
    found = rank_metrics(*task, max_rank=50)
    check_equal(found, slow_rank_metrics(*task, max_rank=50))
    assert found.cmc.shape == (50,)
    assert found.cmc[-1] == 1


def test_max_rank_shortens_the_curve_only():
    task = random_task(2)
    whole, short = rank_metrics(*task), rank_metrics(*task, max_rank=3)
    np.testing.assert_array_equal(short.cmc, whole.cmc[:3])
    assert short.mAP == whole.mAP


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "uint8"])
def test_dtypes(dtype):
    distances, *labels = random_task(4)
    distances = np.round(distances * 60 + 60).astype(dtype)
    expected = slow_rank_metrics(distances.astype(float), *labels)
    check_equal(rank_metrics(distances, *labels), expected)
    tensors = [torch.from_numpy(array) for array in (distances, *labels)]
    check_equal(rank_metrics(*tensors), expected)


def test_float64_distances_keep_their_order():
    """Two distances that float32 cannot tell apart."""
    found = rank_metrics([[0.5 + 1e-12, 0.5]], [1], [2, 1])
    assert found.mAP == 1


def test_layout_in_memory_does_not_matter():
    task = random_task(4)
    expected = rank_metrics(*task)
    check_equal(rank_metrics(np.asfortranarray(task[0]), *task[1:]), expected)
    check_equal(rank_metrics(task[0].tolist(), *map(list, task[1:])), expected)


def test_inputs_are_left_alone():
    task = random_task(4)
    copies = [array.copy() for array in task]
    rank_metrics(*task)
    for array, copy in zip(task, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_infinite_distances_are_farthest():
    found = rank_metrics([[np.inf, 0.1, np.inf]], [1], [2, 3, 1])
    assert found.mAP == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "change, message",
    [
        (dict(query_ids=[]), "query list is empty"),
        (dict(gallery_ids=[]), "gallery list is empty"),
        (dict(query_ids=[1]), "shape"),
        (dict(query_ids=[[1, 2]]), "one-dimensional"),
        (dict(gallery_ids=[1.5, 2.0, 3.0]), "integers"),
        (dict(distances=[1.0, 2.0]), "distances must be"),
        (dict(distances=[["a", "b", "c"]] * 2), "distances must be"),
        (dict(distances=[[0.1, np.nan, 0.2], [1, 2, 3]]), "NaN.*query 0"),
        (dict(query_ids=[8, 9]), "none of the 2 queries has a match"),
        (dict(max_rank=0), "max_rank"),
        (dict(ties="random"), "ties must be"),
        (dict(query_cameras=[0, 1]), "both or neither"),
        (
            dict(query_cameras=[0, 1], gallery_cameras=[0]),
            "gallery_ids has 3 entries but gallery_cameras has 1",
        ),
    ],
)
def test_bad_inputs(change, message):
    arguments = dict(
        distances=[[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]],
        query_ids=[1, 2],
        gallery_ids=[1, 2, 3],
    )
    if change.get("query_ids") == []:
        change["distances"] = np.empty((0, 3))
    if change.get("gallery_ids") == []:
        change["distances"] = np.empty((2, 0))
    if change.get("query_ids") == [1]:
        message = r"\(2, 3\) but there are 1"
    with pytest.raises(ValueError, match=message):
        rank_metrics(**{**arguments, **change})

"""Average query expansion against a loop and by hand."""

import numpy as np
import pytest
import torch

from mmpsearch.evaluation.functional import average_query_expansion


def slow_expansion(query, gallery, k, alpha):
    pool = np.concatenate([query, gallery])
    pool = pool / np.linalg.norm(pool, axis=1, keepdims=True)
    expanded = []
    for own in pool:
        similarities = pool @ own
        nearest = sorted(range(len(pool)), key=lambda i: -similarities[i])[:k]
        mean = sum(max(similarities[i], 0) ** alpha * pool[i] for i in nearest)
        expanded.append(mean / np.linalg.norm(mean))
    return np.stack(expanded[: len(query)]), np.stack(expanded[len(query) :])


@pytest.mark.parametrize("k, alpha", [(5, 3.0), (2, 0.0), (1, 3.0), (100, 1.0)])
@pytest.mark.parametrize("block_size", [None, 4])
def test_equals_loop(k, alpha, block_size):
    rng = np.random.default_rng(0)
    query, gallery = rng.normal(size=(6, 5)), rng.normal(size=(20, 5))
    found = average_query_expansion(query, gallery, k, alpha, block_size=block_size)
    expected = slow_expansion(query, gallery, k, alpha)
    for part, reference in zip(found, expected, strict=True):
        np.testing.assert_allclose(part, reference, atol=1e-9)


def test_by_hand():
    """Two orthogonal neighbours have weight 0; a parallel one changes nothing."""
    query, gallery = average_query_expansion(
        [[2.0, 0.0]], [[5.0, 0.0], [0.0, 3.0]], k=3
    )
    np.testing.assert_allclose(query, [[1, 0]])
    np.testing.assert_allclose(gallery, [[1, 0], [0, 1]])
    sixty = [0.5, np.sqrt(0.75)]  # cos = 0.5, weight 0.125
    query, _ = average_query_expansion([[1.0, 0.0]], [sixty], k=2)
    mean = np.array([1, 0]) + 0.125 * np.array(sixty)
    np.testing.assert_allclose(query[0], mean / np.linalg.norm(mean), atol=1e-7)


def test_times_repeats():
    rng = np.random.default_rng(1)
    pair = rng.normal(size=(6, 5)), rng.normal(size=(20, 5))
    once = average_query_expansion(*pair)
    for found, expected in zip(
        average_query_expansion(*pair, times=2),
        average_query_expansion(*once),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_inputs_are_left_alone():
    query, gallery = torch.randn(4, 3), torch.randn(9, 3)
    copies = query.clone(), gallery.clone()
    average_query_expansion(query, gallery)
    assert torch.equal(query, copies[0]) and torch.equal(gallery, copies[1])


@pytest.mark.parametrize(
    "query, gallery, options, message",
    [
        (np.ones((2, 3)), np.ones((4, 3)), dict(k=0), "at least 1"),
        (np.ones((2, 3)), np.ones((4, 3)), dict(times=0), "at least 1"),
        (np.ones((0, 3)), np.ones((4, 3)), {}, "Q > 0"),
        (np.ones((2, 3)), np.ones((4, 5)), {}, r"\(4, 5\)"),
        (np.full((2, 3), np.inf), np.ones((4, 3)), {}, "NaN or infinity"),
    ],
)
def test_bad_inputs(query, gallery, options, message):
    with pytest.raises(ValueError, match=message):
        average_query_expansion(query, gallery, **options)

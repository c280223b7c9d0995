import itertools

import numpy as np
import pytest

from mmpsearch.evaluation.functional import Detections, QueryContext
from mmpsearch.evaluation.functional.cbgm import context_of_queries, match_in_context
from tests.test_evaluation.search_cases import box_at, make_protocol


def test_companion_makes_the_match_certain():
    # the query prefers column 0, but its companion needs that one
    weights = np.array([[0.6, 0.5], [0.9, 0.1]])
    assert match_in_context(weights) == (1, 0.9)


def test_query_alone_keeps_its_best():
    assert match_in_context(np.array([[0.2, 0.7, 0.1]])) == (1, 0.7)


def test_query_left_over():
    # one gallery detection, and the companion fits better
    assert match_in_context(np.array([[0.3], [0.8]])) is None


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 5)])
def test_matching_is_the_best_of_all(shape):
    weights = np.random.default_rng(sum(shape)).standard_normal(shape)
    rows, columns = range(shape[0]), range(shape[1])
    if shape[0] <= shape[1]:
        matchings = [
            list(zip(rows, p, strict=True))
            for p in itertools.permutations(columns, shape[0])
        ]
    else:
        matchings = [
            list(zip(p, columns, strict=True))
            for p in itertools.permutations(rows, shape[1])
        ]
    best = max(matchings, key=lambda pairs: sum(weights[p] for p in pairs))
    partner = dict(best).get(0)
    match = match_in_context(weights)
    if partner is None:
        assert match is None
    else:
        assert match == (partner, max(weights[p] for p in best))


def test_context_starts_with_the_query():
    context = QueryContext(np.arange(10).reshape(5, 2), np.array([0, 3, 5]), 10, 2)
    assert context.people(0).tolist() == [[0, 1], [2, 3]]
    assert context.people(1).tolist() == [[6, 7], [8, 9]]


def test_empty_context_is_refused():
    context = QueryContext(np.ones((1, 2)), np.array([0, 0, 1]))
    with pytest.raises(ValueError, match="query 0 is empty"):
        context.people(0)


def test_context_of_queries_leaves_the_query_out_and_orders_by_score():
    protocol = make_protocol([[(box_at(0), 1)], [(box_at(0), 1)]], [(0, 0), (1, 0)])
    people = Detections.from_images(
        [np.array([box_at(2), box_at(0), box_at(1)]), []],
        [np.array([0.6, 0.99, 0.8]), []],
        [np.array([[2.0], [0.0], [1.0]]), np.zeros((0, 1))],
    )
    context = context_of_queries(protocol, np.array([[10.0], [20.0]]), people)
    assert context.people(0).ravel().tolist() == [10, 1, 2]
    assert context.people(1).ravel().tolist() == [20]

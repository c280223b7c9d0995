from dataclasses import replace

import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.filters import Where
from mmpsearch.gallery.records import Records
from mmpsearch.gallery.searching import (
    SPARE,
    answer,
    check_queries,
    first_of_each,
    mean_query,
    search,
    similarities_of,
)
from mmpsearch.gallery.store import Candidates

NAN = float("nan")


def people(embeddings, **columns):
    """Records numbered from 0, all of one still picture unless columns say else."""
    count = len(embeddings)
    every = dict.fromkeys("times clocks starts ends".split(), np.full(count, NAN))
    given = Records(
        ids=np.arange(count),
        embeddings=np.array(embeddings, np.float32),
        boxes=np.tile(np.float32([0, 0, 5, 9]), (count, 1)),
        scores=np.ones(count, np.float32),
        paths=np.array(["/x/a.jpg"] * count, object),
        cameras=np.array([""] * count, object),
        frames=np.full(count, -1),
        tracks=np.full(count, -1),
        added=np.zeros(count),
        scenes=np.zeros((count, 0), np.float32),
        **every,
    )
    return replace(given, **{name: np.array(c) for name, c in columns.items()})


def at(degrees):
    """(N, 2) directions."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_queries_have_length_one_whatever_was_given():
    np.testing.assert_allclose(check_queries([3, 4], 2), [[0.6, 0.8]])
    tiny = np.float32([[3e-30, 4e-30], [0, -2e30]])
    np.testing.assert_allclose(check_queries(tiny, None), [[0.6, 0.8], [0, -1]])
    with pytest.raises(GalleryError, match="length 3 do not fit the gallery's length"):
        check_queries(np.ones(3), 2)
    with pytest.raises(GalleryError, match="zeros has no direction"):
        check_queries([[1, 0], [0, 0]], 2)


def test_the_mean_picture_is_the_direction_between():
    np.testing.assert_allclose(mean_query(at([10, 50])), at([30]), atol=1e-6)
    with pytest.raises(GalleryError, match="no direction in common"):
        mean_query(at([0, 180]))


def test_the_nearest_of_several_queries_counts():
    found = similarities_of(at([0, 90]), np.concatenate([at([60, 200]), [[0, 0]]]))
    expected = [np.cos(np.radians(30)), np.cos(np.radians(110)), 0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_first_of_each_picture_and_of_each_track():
    some = people(
        at([0] * 6),
        paths=["/a", "/a", "/a", "/a", "/b", "/b"],
        frames=[1, 1, 2, 3, -1, -1],
        tracks=[5, -1, 5, -1, -1, -1],
    )
    order = np.array([2, 0, 1, 5, 3, 4])
    assert first_of_each(some, order, "image").tolist() == [2, 0, 5, 3]
    # rows 2 and 0 are one track; 1 and 3 have none: each stands for its frame
    assert first_of_each(some, order, "track").tolist() == [2, 1, 5, 3]


def test_an_answer_keeps_who_reaches_the_threshold_and_the_nearest():
    some = people(at([0, 0, 0]), ids=[7, 8, 9], times=[1.5, NAN, NAN])
    result = answer(some, np.array([0.9, 0.5, 0.1]), 0.5, compared=30, skipped=4)
    assert [(m.rank, m.id, m.similarity) for m in result.matches] == [
        (1, 7, 0.9),
        (2, 8, 0.5),
    ]
    assert [match.time for match in result.matches] == [1.5, None]
    assert (result.searched, result.skipped, result.nearest.id) == (30, 4, 7)
    nobody = answer(some, np.array([0.4, 0.3, 0.1]), 0.5, compared=30)
    assert not nobody.matches and nobody.nearest.similarity == 0.4
    empty = answer(some.take(np.arange(0)), np.empty(0), None, compared=0)
    assert not empty.matches and empty.nearest is None


class Approximate:
    """A store whose index sees the people in a wrong order.

    Args:
        records: Of everybody.
        order: In which the index proposes them.
    """

    def __init__(self, records, order):
        self.records, self.order = records, np.array(order)
        self.asked = []

    def nearest(self, query, wanted, where, one_per):
        self.asked.append(wanted)
        rows, rest = self.order[:wanted], self.order[wanted:]
        similar = self.records.embeddings @ query
        floor = similar[rest].max() if len(rest) else -np.inf
        complete = len(rest) == 0
        return Candidates(self.records.take(rows), floor, complete, len(self.records))


def test_more_candidates_are_asked_for_until_nobody_else_can_be_nearer():
    """300 people, 0.5 degrees apart; the index proposes the furthest first."""
    records = people(at(0.5 * np.arange(300)))
    store = Approximate(records, np.arange(300)[::-1])
    result = search(store, at([0]), 3, None, Where(), None)
    assert [match.id for match in result.matches] == [0, 1, 2]
    assert store.asked == [64, 256, 1024] and result.searched == 300
    right = Approximate(records, np.arange(300))
    result = search(right, at([0]), 3, None, Where(), None)
    assert [match.id for match in result.matches] == [0, 1, 2]
    assert right.asked == [64]
    many = Approximate(records, np.arange(300))
    assert len(search(many, at([0]), 20, None, Where(), None).matches) == 20
    assert many.asked == [SPARE * 20]


def test_several_queries_find_each_person_once_and_equals_stay_in_order():
    records = people(at([0, 10, 90, 100, 45, 45]))
    store = Approximate(records, np.arange(6))
    result = search(store, at([0, 90]), 10, None, Where(), None)
    assert [match.id for match in result.matches] == [0, 2, 1, 3, 4, 5]

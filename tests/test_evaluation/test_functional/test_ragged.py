import numpy as np

from mmpsearch.evaluation.functional.ragged import (
    expand_ranges,
    first_of_each,
    offsets_from_counts,
)


def test_expand_ranges_by_hand():
    indices, owners = expand_ranges(np.array([5, 2, 9, 0]), np.array([2, 0, 1, 3]))
    assert indices.tolist() == [5, 6, 9, 0, 1, 2]
    assert owners.tolist() == [0, 0, 2, 3, 3, 3]


def test_expand_nothing():
    indices, owners = expand_ranges(np.zeros(0), np.zeros(0))
    assert len(indices) == len(owners) == 0
    assert indices.dtype == np.int64


def test_offsets_from_counts():
    assert offsets_from_counts(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]
    assert offsets_from_counts(np.array([True, False])).tolist() == [0, 1, 1]
    assert offsets_from_counts(np.zeros(0)).tolist() == [0]


def test_first_of_each():
    mask = first_of_each(np.array([3, 1, 3, 1, 2]))
    assert mask.tolist() == [True, True, False, False, True]

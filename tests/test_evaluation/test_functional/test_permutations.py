from itertools import permutations

import numpy as np
import pytest

from mmpsearch.evaluation.functional import assign_permutations, permutation_accuracy
from tests.cross_modality_golden import sinkhorn_numbers


def test_reference_assignment():
    data = sinkhorn_numbers()
    affinity = data["log_alpha"].numpy()[None]
    found = assign_permutations(affinity)[0].tolist()
    assert found == data["hungarian_assignment_of_log_alpha"].tolist()
    rows = data["row_argmax_of_log_alpha"].tolist()
    assert affinity[0].argmax(axis=1).tolist() == rows != found


def test_all_720_permutations():
    affinity = np.random.default_rng(0).normal(size=(3, 6, 6))
    for found, matrix in zip(assign_permutations(affinity), affinity, strict=True):
        best = max(permutations(range(6)), key=lambda p: matrix[range(6), p].sum())
        assert found.tolist() == list(best)


def test_accuracy_by_hand():
    truth = [[0, 1, 2, 3], [3, 2, 1, 0]]
    assert permutation_accuracy(truth, truth) == (1, 1)
    assert permutation_accuracy([[0, 1, 3, 2], [3, 2, 1, 0]], truth) == (0.75, 0.5)


def test_diverged_models_are_told():
    with pytest.raises(ValueError, match="diverged"):
        assign_permutations(np.full((1, 2, 2), np.nan))

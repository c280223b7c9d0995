import numpy as np
import pytest

from mmpsearch.gallery.nearest import best_rows


@pytest.mark.parametrize("wanted", [1, 4, 30, 31, 100])
def test_the_largest_and_of_equal_ones_the_lower_rows(wanted):
    values = np.random.default_rng(0).integers(-2, 3, 31).astype(np.float32)
    expected = sorted(range(31), key=lambda row: (-values[row], row))[:wanted]
    assert best_rows(values, wanted).tolist() == sorted(expected)


def test_nobody():
    assert best_rows(np.empty(0, np.float32), 5).tolist() == []

import numpy as np
import pytest

from mmpsearch.gallery.nearest import top_rows


@pytest.mark.parametrize("top_k", [1, 4, 100])
@pytest.mark.parametrize("block", [3, 10, 64])
def test_blocks_give_the_full_sort(top_k, block):
    rng = np.random.default_rng(0)
    queries = rng.integers(-2, 3, (6, 4)).astype(np.float32)  # many exact ties
    vectors = rng.integers(-2, 3, (31, 4)).astype(np.float32)
    rows, similarities = top_rows(queries, vectors, top_k, block)
    for q, query in enumerate(queries):
        every = vectors @ query
        expected = sorted(range(31), key=lambda row: (-every[row], row))[:top_k]
        assert rows[q].tolist() == expected
        assert similarities[q].tolist() == every[expected].tolist()


def test_no_vectors():
    rows, similarities = top_rows(
        np.ones((2, 3), np.float32), np.ones((0, 3), np.float32), 5
    )
    assert rows.shape == similarities.shape == (2, 0)

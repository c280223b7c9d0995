"""Queries and gallery as one set, against the joined matrix."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mmpsearch.evaluation.functional.joint_distances import (
    JointEmbeddings,
    JointMatrices,
)

RNG = np.random.default_rng(0)
QUERY, GALLERY = RNG.normal(size=(4, 3)), RNG.normal(size=(7, 3))
POOL = np.concatenate([QUERY, GALLERY])
SOURCES = {
    "matrices": JointMatrices(
        cdist(QUERY, GALLERY), cdist(QUERY, QUERY), cdist(GALLERY, GALLERY)
    ),
    "embeddings": JointEmbeddings(QUERY, GALLERY, "euclidean"),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_equals_the_joined_matrix(source):
    expected = cdist(POOL, POOL) ** 2
    assert (source.num_query, source.num_images) == (4, 11)
    for start, stop in ((0, 11), (0, 4), (2, 6), (4, 11), (5, 6)):
        rows = source.squared_rows(start, stop)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows, expected[start:stop], atol=1e-5)
    i, j = np.indices((11, 11)).reshape(2, -1)
    np.testing.assert_allclose(source.pairs(i, j), expected[i, j], atol=1e-5)

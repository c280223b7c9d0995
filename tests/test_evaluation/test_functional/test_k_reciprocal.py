"""The encoding of four images by hand."""

import numpy as np

from mmpsearch.evaluation.functional.k_reciprocal import k_reciprocal_encoding


def test_by_hand():
    """0 and 1 name each other, 2 names 1 in vain, 3 is alone."""
    neighbours = np.array([[0, 1], [1, 0], [2, 1], [3, 2]], np.int32)
    table = np.array(
        [
            [0.0, 0.2, 0.9, 1.0],
            [0.2, 0.0, 0.3, 1.0],
            [0.9, 0.3, 0.0, 1.0],
            [1.0, 1.0, 1.0, 0.0],
        ],
        np.float32,
    )

    def distance(rows, columns):
        return table[rows, columns]

    near = np.exp(-0.2)
    expected = np.array(
        [
            [1 / (1 + near), near / (1 + near), 0, 0],
            [near / (1 + near), 1 / (1 + near), 0, 0],
            [0, 0, 1, 0],
            [0, 0, 0, 1],
        ]
    )
    found = k_reciprocal_encoding(neighbours, distance, k1=1, k2=1)
    np.testing.assert_allclose(found.toarray(), expected, atol=1e-6)
    averaged = k_reciprocal_encoding(neighbours, distance, k1=1, k2=2)
    np.testing.assert_allclose(
        averaged.toarray(), (expected + expected[neighbours[:, 1]]) / 2, atol=1e-6
    )

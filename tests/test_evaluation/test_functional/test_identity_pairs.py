"""Who matches whom, against comparing all pairs."""

import numpy as np

from mmpsearch.evaluation.functional.identity_pairs import IdentityPairs

from .reid_oracles import random_task


def test_equals_comparing_all_pairs():
    _, query_ids, gallery_ids, query_cameras, gallery_cameras = random_task(0)
    query_cameras[::4] = -1
    gallery_cameras[::5] = -1
    pairs = IdentityPairs(query_ids, gallery_ids, query_cameras, gallery_cameras)
    for query, camera in enumerate(query_cameras):
        same = gallery_ids == query_ids[query]
        seen = (gallery_cameras == camera) & (camera >= 0)
        matches, left_out = pairs.of_query(query)
        np.testing.assert_array_equal(matches, np.flatnonzero(same & ~seen))
        np.testing.assert_array_equal(left_out, np.flatnonzero(same & seen))


def test_whole_floats_are_labels():
    pairs = IdentityPairs(np.array([1.0]), np.array([2.0, 1.0]))
    assert pairs.shape == (1, 2)
    np.testing.assert_array_equal(pairs.of_query(0)[0], [1])

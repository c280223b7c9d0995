import numpy as np
import pytest

from mmpsearch.gallery import Detections, Gallery
from mmpsearch.gallery.detections import normalise
from mmpsearch.gallery.file_store import FileStore
from mmpsearch.gallery.pair_rates import PairRates, pair_rates


def seen(embeddings, path, frame=-1, time=None, tracks=None):
    embeddings = normalise(np.asarray(embeddings, np.float32))
    count = len(embeddings)
    boxes = np.array([[100 * i, 0, 100 * i + 50, 100] for i in range(count)])
    return Detections(
        boxes=boxes,
        scores=np.ones(count),
        embeddings=embeddings,
        height=200,
        width=1000,
        path=path,
        frame=frame,
        time=time,
        tracks=None if tracks is None else np.array(tracks),
        starts=None if tracks is None else np.zeros(count),
        ends=None if tracks is None else np.full(count, 9.0),
    )


def test_rates_of_pairs_by_hand():
    rates = PairRates(np.array([0.1, 0.2, 0.3, 0.6]), np.array([0.5, 0.9]))
    assert rates.false_accepts(0.3) == 0.5
    assert rates.true_accepts(0.6) == 0.5
    assert rates.false_accepts(0.7) == 0
    assert rates.most_false_accepts(0.7) == pytest.approx(3 / 4)
    assert rates.most_false_accepts(0.6) == 0.25
    empty = PairRates(np.empty(0), np.empty(0))
    assert empty.false_accepts(0.5) is None and empty.true_accepts(0.5) is None
    assert empty.most_false_accepts(0.5) is None


def test_two_people_of_a_picture_and_views_of_a_track():
    gallery = Gallery(FileStore())
    gallery.add(seen([[1, 0], [1, 1]], "/a.jpg"))  # 45 degrees
    gallery.add(seen([[1, 0]], "/b.jpg"))  # alone: no pair
    for time, view in ((0.0, [1, 0]), (4.0, [3, 4]), (8.0, [0, 1])):
        gallery.add(seen([view], "/v.mp4", int(25 * time), time, [1]))
    rates = pair_rates(gallery)
    np.testing.assert_allclose(rates.different, [np.sqrt(0.5)], atol=1e-6)
    np.testing.assert_allclose(rates.same, [0.6, 0.8], atol=1e-6)

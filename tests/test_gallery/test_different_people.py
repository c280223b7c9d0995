import numpy as np
import pytest

from mmpsearch.gallery.detections import Detections
from mmpsearch.gallery.different_people import (
    different_people,
    threshold_of_different_people,
)
from mmpsearch.gallery.gallery_index import GalleryIndex
from mmpsearch.gallery.records import records_of


def found(boxes, embeddings, frame=0, **more):
    return Detections(
        boxes=np.array(boxes, np.float32),
        scores=np.full(len(boxes), 0.9, np.float32),
        embeddings=np.array(embeddings, np.float32),
        height=100,
        width=100,
        path="/v.mp4",
        time=frame / 10,
        frame=frame,
        **more,
    )


def test_people_of_one_picture_are_different_unless_their_boxes_overlap():
    boxes = [[0, 0, 10, 20], [1, 1, 11, 21], [50, 0, 60, 20]]
    records = records_of(found(boxes, [[1, 0], [0, 1], [0.6, 0.8]]), 0, 0.0)
    # the first two may be one person found twice
    np.testing.assert_allclose(sorted(different_people(records)), [0.6, 0.8], atol=1e-6)


def test_people_of_two_frames_may_be_the_same():
    index = GalleryIndex()
    for frame in range(3):
        index.add(found([[0, 0, 10, 20]], [[1, 0]], frame))
    (records,) = index.records()
    assert len(different_people(records)) == 0


@pytest.mark.parametrize(
    ("frame", "start", "end", "pairs"),
    [(2, 0.0, 9.0, 1), (20, 0.0, 9.0, 0), (2, 0.2, 9.0, 1), (2, 0.1, 9.0, 0)],
)
def test_views_of_two_tracks_at_one_moment(frame, start, end, pairs):
    """Not views that are far apart, nor a track that begins where the other ended."""
    index = GalleryIndex()
    until = 5.0 if pairs or frame == 20 else 0.1
    for number, at, begins, ends in ((0, 0, 0.0, until), (1, frame, start, end)):
        box = [[50 * number, 0, 50 * number + 10, 20]]
        more = dict(
            tracks=np.array([number]), starts=np.array([begins]), ends=np.array([ends])
        )
        index.add(found(box, [[1, 0]], at, **more))
    (records,) = index.records()
    assert len(different_people(records)) == pairs


def test_the_threshold_lets_few_pairs_through():
    index, generator = GalleryIndex(), np.random.default_rng(0)
    similarities = []
    for frame in range(2000):
        pair = generator.normal(size=(2, 16))
        index.add(found([[0, 0, 10, 20], [50, 0, 60, 20]], pair, frame))
        one, other = pair / np.linalg.norm(pair, axis=1, keepdims=True)
        similarities.append(one @ other)
    threshold = threshold_of_different_people(index)
    assert np.sum(np.array(similarities) >= threshold - 1e-6) == 4  # 0.2 % of 2000
    rate = threshold_of_different_people(index, 0.05)
    assert np.sum(np.array(similarities) >= rate - 1e-6) == 100


def test_too_few_pairs_say_nothing():
    index = GalleryIndex()
    for frame in range(99):
        boxes = [[0, 0, 10, 20], [50, 0, 60, 20]]
        index.add(found(boxes, np.eye(2, 4), frame))
    assert threshold_of_different_people(index) is None
    assert threshold_of_different_people(GalleryIndex()) is None

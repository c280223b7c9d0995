import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.clustering import cluster_gallery
from mmpsearch.gallery.detections import Detections
from mmpsearch.gallery.gallery_index import GalleryIndex
from tests.test_gallery.test_different_people import found

pytest.importorskip("sklearn", reason="extra [cluster]")
SIDE_BY_SIDE = [[0, 0, 10, 20], [50, 0, 60, 20]]


def add_track(index, camera, number, embedding, start, end, views=2):
    for time in np.linspace(start, end, views):
        index.add(
            Detections(
                boxes=np.array([[0, 0, 10, 20]], np.float32),
                scores=np.ones(1, np.float32),
                embeddings=np.array([embedding], np.float32),
                height=100,
                width=100,
                path=f"/{camera}.mp4",
                time=float(time),
                frame=int(time * 10),
                camera=camera,
                tracks=np.array([number]),
                starts=np.array([start]),
                ends=np.array([end]),
            )
        )


def test_tracks_of_two_cameras_become_people():
    index = GalleryIndex()
    add_track(index, "door", 0, [1, 0.1, 0], 0.0, 5.0, views=3)
    add_track(index, "door", 1, [0, 1, 0], 2.0, 8.0)
    add_track(index, "yard", 0, [1, 0, 0.1], 0.0, 3.0)
    add_track(index, "yard", 1, [0, 0, 1], 4.0, 9.0, views=1)
    first, second, third = cluster_gallery(index, threshold=0.7)
    assert first.ids.tolist() == [0, 1, 2, 5, 6] and first.cameras == ("door", "yard")
    assert second.ids.tolist() == [3, 4] and third.ids.tolist() == [7]
    assert [one.number for one in (first, second, third)] == [0, 1, 2]
    # the mean of the two tracks, however many views each has
    expected = np.array([1, 0.1, 0]) + np.array([1, 0, 0.1])
    np.testing.assert_allclose(
        first.embedding, expected / np.linalg.norm(expected), atol=1e-6
    )


def test_who_is_seen_twice_at_once_is_two_people():
    index = GalleryIndex()
    add_track(index, "door", 0, [1, 0], 0.0, 5.0)
    add_track(index, "door", 1, [1, 0], 4.0, 9.0)
    add_track(index, "door", 2, [1, 0], 20.0, 29.0)
    assert len(cluster_gallery(index, threshold=0.9)) == 2
    pictures = GalleryIndex()
    pictures.add(found(SIDE_BY_SIDE, [[1, 0], [1, 0]]))
    assert len(cluster_gallery(pictures, threshold=0.9)) == 2


def test_the_threshold_is_learnt_from_pictures_of_several_people():
    index, generator = GalleryIndex(), np.random.default_rng(0)
    basis = np.eye(2, 32)
    for frame in range(150):
        noisy = basis + generator.normal(0, 0.03, (2, 32))
        index.add(found(SIDE_BY_SIDE, noisy, frame))
    people = cluster_gallery(index)
    assert [len(one.ids) for one in people] == [150, 150]


def test_galleries_that_cannot_be_grouped():
    assert cluster_gallery(GalleryIndex()) == []
    index = GalleryIndex()
    index.add(found([[0, 0, 1, 1]], [[1, 0]]))
    with pytest.raises(GalleryError, match="too few people were seen together"):
        cluster_gallery(index)
    assert len(cluster_gallery(index, threshold=0.5)) == 1

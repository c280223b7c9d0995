import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery.detections import Detections, normalise
from mmpsearch.gallery.records import camera_name, join, no_records, records_of


def found(count=2, **values):
    given = dict(
        boxes=np.tile(np.array([1, 2, 3, 5], np.float32), (count, 1)),
        scores=np.full(count, 0.5, np.float32),
        embeddings=np.eye(count, 3, dtype=np.float32),
        height=9,
        width=9,
        path="/x/a.mp4",
    )
    return Detections(**given | values)


def test_every_value_has_its_place():
    records = records_of(
        found(
            embeddings=[[3, 4, 0], [0, 0, -2.0]],
            time=1.5,
            frame=45,
            camera="door",
            clock=1.8e9,
            tracks=[7, -1],
            starts=[1.0, 1.5],
            ends=[2.5, 1.5],
            scene_embedding=[1, 2],
        ),
        first_id=10,
        added=2e9,
    )
    assert records.ids.tolist() == [10, 11]
    np.testing.assert_allclose(
        records.embeddings, [[0.6, 0.8, 0], [0, 0, -1]], rtol=1e-7
    )
    assert records.paths.tolist() == ["/x/a.mp4"] * 2
    assert records.cameras.tolist() == ["door"] * 2
    assert records.times.tolist() == [1.5] * 2 and records.frames.tolist() == [45] * 2
    assert records.clocks.tolist() == records.moments().tolist() == [1.8e9] * 2
    assert records.tracks.tolist() == [7, -1]
    assert (records.starts.tolist(), records.ends.tolist()) == ([1, 1.5], [2.5, 1.5])
    assert records.scenes.tolist() == [[1, 2]] * 2


def test_what_is_absent():
    records = records_of(found(), 0, added=2e9, camera=3)
    assert records.cameras.tolist() == ["3"] * 2 and records.tracks.tolist() == [-1] * 2
    for column in (records.times, records.clocks, records.starts, records.ends):
        assert np.isnan(column).all()
    assert records.moments().tolist() == [2e9] * 2  # no clock: since it was added
    assert records.scenes.shape == (2, 0)


def test_joined_records_keep_order_and_scenes():
    with_scene = records_of(found(1, scene_embedding=[5.0]), 0, 1.0)
    joined = join([with_scene, no_records(3), records_of(found(), 1, 1.0)])
    assert joined.ids.tolist() == [0, 1, 2]
    assert joined.scenes.tolist() == [[5], [0], [0]]
    assert joined.take(joined.ids > 0).ids.tolist() == [1, 2]
    assert len(join([], 3)) == 0 and join([], 3).embeddings.shape == (0, 3)


@pytest.mark.parametrize(
    ("camera", "name"),
    [("c2", "c2"), (4, "4"), (-1, ""), (np.int32(2), "2"), (None, ""), ("", "")],
)
def test_cameras_have_names(camera, name):
    assert camera_name(camera) == name and type(camera_name(camera)) is str


@pytest.mark.parametrize("camera", [2.0, True, b"c", ["c"], "x" * 600])
def test_odd_cameras_are_refused(camera):
    with pytest.raises(GalleryError, match="camera"):
        camera_name(camera)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (dict(embeddings=np.eye(1, 3)), "2 boxes and 1 embeddings"),
        (dict(embeddings=np.ones(3)), "shape"),
        (dict(embeddings=[[np.nan, 0, 0]] * 2), "not finite"),
        (dict(embeddings=[["a", "b", "c"]] * 2), "not numbers"),
        (dict(boxes=np.ones((2, 5))), "boxes of shape"),
        (dict(boxes=[[3, 2, 1, 5]] * 2), "x2 < x1"),
        (dict(boxes=[[np.nan, 2, 3, 5]] * 2), "boxes that are not finite"),
        (dict(boxes=[[1e300, 2, 1e301, 5]] * 2), "boxes that are not finite"),
        (dict(scores=[0.5]), "scores of shape"),
        (dict(scores=[0.5, np.inf]), "scores that are not finite"),
        (dict(time="now"), "time"),
        (dict(time=np.nan), "time"),
        (dict(clock=np.inf), "clock"),
        (dict(frame=2.5), "frame"),
        (dict(frame=-2), "frame"),
        (dict(tracks=[1.5, 2.5]), "tracks"),
        (dict(tracks=[1]), "tracks of shape"),
        (dict(path=b"/x"), "path"),
        (dict(path="/x\0"), "path"),
        (dict(camera=2.0), "camera"),
        (dict(scene_embedding=[[1.0], [2.0]]), "scene embedding"),
    ],
)
def test_odd_values_are_one_error(values, message):
    with pytest.raises(GalleryError, match=message):
        records_of(found(**values), 0, 1.0)


@pytest.mark.parametrize("scale", [1e-44, 1e-30, 1.0, 1e30, 3e38])
def test_embeddings_of_any_length_keep_their_direction(scale):
    one = normalise(np.array([[3, 4]], np.float32) * np.float32(scale / 4))
    assert np.linalg.norm(one.astype(np.float64)) == pytest.approx(1, abs=1e-6)
    if scale > 1e-38:  # below, float32 has few digits left
        np.testing.assert_allclose(one, [[0.6, 0.8]], rtol=1e-6)


def test_zeros_stay_zeros():
    assert normalise(np.zeros((2, 3))).tolist() == [[0, 0, 0]] * 2
    assert normalise(np.zeros((0, 3))).shape == (0, 3)

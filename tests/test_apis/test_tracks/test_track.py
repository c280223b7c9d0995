import numpy as np
import pytest

from mmpsearch.apis.tracks.track import OpenTrack, View, view_qualities


def view(time, quality, embedding=(1.0, 0.0), frame=None):
    return View(
        box=np.array([1, 2, 3, 4], np.float32),
        score=0.9,
        embedding=np.array(embedding, np.float32),
        time=time,
        frame=int(time * 10) if frame is None else frame,
        clock=1000 + time,
        quality=quality,
        path="/v.mp4",
    )


def test_quality_by_hand():
    boxes = np.array(
        [
            [10, 10, 30, 60],  # half of it covered by the next, which ends lower
            [20, 10, 40, 70],
            [0, 20, 10, 30],  # touches the left border
        ]
    )
    scores = np.array([0.8, 0.5, 1.0])
    values = view_qualities(boxes, scores, height=100, width=200)
    np.testing.assert_allclose(values, [0.8 * 0.5 * 0.5, 0.5 * 0.6, 0.1 * 0.5])
    assert view_qualities(np.empty((0, 4)), np.empty(0), 10, 10).shape == (0,)


def test_each_period_keeps_its_best_view():
    track = OpenTrack(3, max_views=5, spacing=1.0)
    for time, quality in [(0.0, 0.2), (0.5, 0.9), (0.9, 0.3), (1.0, 0.1), (3.2, 0.4)]:
        track.add(view(time, quality))
    closed = track.close((100, 200), "door", None)
    assert [v.time for v in closed.views] == [0.5, 1.0, 3.2]
    assert (closed.start, closed.end, closed.sightings) == (0.0, 3.2, 5)
    assert (closed.number, closed.camera, closed.size) == (3, "door", (100, 200))


def test_views_of_a_long_track_spread_over_it_and_stay_few():
    track = OpenTrack(0, max_views=4, spacing=0.5)
    generator = np.random.default_rng(0)
    for step in range(5000):
        track.add(view(step / 10, generator.random()))
        assert len(track._best) <= 4
    views = track.close((1, 1), "", None).views
    assert 2 <= len(views) <= 4
    assert min(v.quality for v in views) > 0.99  # of a thousand or more each
    assert views[-1].time - views[0].time > 100


def test_the_mean_embedding_is_over_all_sightings():
    track = OpenTrack(0, max_views=1, spacing=1.0)
    for _ in range(3):
        track.add(view(0, 1.0, (1, 0)))
    track.add(view(0, 0.1, (0, 1)))
    closed = track.close((1, 1), "", None)
    np.testing.assert_allclose(closed.embedding, np.array([3, 1]) / np.sqrt(10), 1e-6)
    assert len(closed.views) == 1


def test_what_a_gallery_gets():
    track = OpenTrack(7, max_views=2, spacing=1.0)
    track.add(view(2.0, 0.5))
    track.add(view(4.0, 0.5))
    first, second = track.close((48, 64), "door", None).detections()
    assert first.tracks.tolist() == [7] and first.camera == "door"
    assert (first.starts[0], first.ends[0]) == (2.0, 4.0)
    assert (first.time, second.time) == (2.0, 4.0)
    assert (second.clock, second.frame, second.path) == (1004.0, 40, "/v.mp4")
    assert first.boxes.shape == (1, 4) and first.embeddings.shape == (1, 2)
    assert (first.height, first.width) == (48, 64)
    assert first.scores[0] == pytest.approx(0.9)

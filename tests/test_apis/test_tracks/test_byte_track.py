import numpy as np
import pytest

from mmpsearch.apis.tracks.byte_track import PersonTracker, TrackOptions
from mmpsearch.gallery.detections import Detections

pytest.importorskip("lap", reason="ByteTrack needs it")
PEOPLE = np.eye(8, dtype=np.float32)


def frame(number, people, score=0.9, rate=10.0):
    """``people``: {who: left edge}; a person is 40 wide and 100 high."""
    boxes = [[x, 50, x + 40, 150] for x in people.values()]
    return Detections(
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        scores=np.full(len(people), score, np.float32),
        embeddings=PEOPLE[list(people)],
        height=200,
        width=800,
        path="/v.mp4",
        time=number / rate,
        frame=number,
        camera="door",
    )


def follow(frames, **options):
    tracker, tracks = PersonTracker(0.5, TrackOptions(**options)), []
    for found in frames:
        tracks += tracker.update(found)
    return tracks + tracker.finish()


def who(track):
    return int(track.embedding.argmax())


def test_two_people_who_cross_keep_their_tracks():
    frames = []
    for number in range(60):
        places = {0: 10 + 10 * number, 1: 700 - 10 * number}
        order = sorted(places, reverse=bool(number % 2))  # the order says nothing
        frames.append(frame(number, {person: places[person] for person in order}))
    first, second = sorted(follow(frames), key=who)
    assert (who(first), who(second)) == (0, 1)
    for track in (first, second):
        assert track.embedding.max() > 0.99  # never the other one
        assert (track.start, track.end, track.sightings) == (0.0, 5.9, 60)
        assert track.camera == "door"


def test_somebody_hidden_for_a_second_is_waited_for():
    seen = [n for n in range(40) if not 15 <= n < 25]
    frames = [frame(n, {0: 5 * n} if n in seen else {}) for n in range(40)]
    (track,) = follow(frames, patience=1.5)
    assert (track.start, track.end, track.sightings) == (0.0, 3.9, 30)
    assert len(follow(frames, patience=0.4)) == 2


@pytest.mark.parametrize("rate", [2.0, 25.0])
def test_patience_is_in_seconds_whatever_the_rate(rate):
    gap = int(3 * rate)
    frames = [
        frame(n, {} if gap <= n < 2 * gap else {0: 20}, rate=rate)
        for n in range(3 * gap)
    ]
    assert len(follow(frames, patience=4.0)) == 1
    assert len(follow(frames, patience=2.0)) == 2


def test_tracks_end_while_the_video_goes_on():
    tracker = PersonTracker(0.5)
    ended = []
    for number in range(100):
        people = {0: 20} if number < 10 else {1: 600}
        for track in tracker.update(frame(number, people)):
            ended.append((who(track), number))
    assert len(ended) == 1 and ended[0][0] == 0 and 20 < ended[0][1] < 40
    assert [who(track) for track in tracker.finish()] == [1]


def test_weak_boxes_go_on_with_a_track_but_begin_none():
    frames = [frame(n, {0: 20}, 0.9 if n < 5 else 0.3) for n in range(10)]
    (track,) = follow(frames)
    assert track.sightings == 10
    assert follow([frame(n, {0: 20}, 0.3) for n in range(10)]) == []


def test_a_single_sighting_is_a_track_unless_more_are_asked_for():
    frames = [frame(0, {}), frame(1, {0: 20}), frame(2, {})]
    (track,) = follow(frames)
    assert track.start == track.end == 0.1 and track.sightings == 1
    assert follow(frames, min_sightings=2) == []


def test_nothing_grows_with_the_length_of_a_track():
    tracker = PersonTracker(0.5)
    for number in range(300):
        assert tracker.update(frame(number, {0: 20, 1: 400})) == []
    for memory in tracker._tracker.tracks.values():
        assert max(len(memory[name]) for name in tracker._tracker.memo_items) <= 3


@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_every_box_of_a_frame_has_its_number(threshold):
    tracker = PersonTracker(threshold)
    assert tracker.numbers.tolist() == []
    for number in range(3):
        tracker.update(frame(number, {0: 10, 1: 400}))
    first = tracker.numbers.tolist()
    tracker.update(frame(3, {1: 400, 0: 10}))
    assert tracker.numbers.tolist() == first[::-1] and len(set(first)) == 2
    tracker.update(frame(4, {}))
    assert tracker.numbers.tolist() == []

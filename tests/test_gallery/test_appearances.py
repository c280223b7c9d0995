import numpy as np
import pytest

from mmpsearch.gallery.appearances import appearances_of, find_appearances
from mmpsearch.gallery.detections import Detections
from mmpsearch.gallery.gallery_index import GalleryIndex
from mmpsearch.gallery.search_result import Match


def match(time, camera="", similarity=0.5, path="/v.mp4", clock=None, **more):
    return Match(
        rank=1,
        similarity=similarity,
        id=0,
        path=path,
        box=np.array([1, 2, 3, 4], np.float32),
        score=0.9,
        camera=camera,
        time=time,
        frame=-1 if time is None else int(time * 10),
        clock=clock,
        **more,
    )


def spans(appearances):
    return [(one.camera, one.start, one.end) for one in appearances]


def test_sightings_join_while_gaps_are_short():
    matches = [match(t) for t in (30, 0, 4, 9, 14.5, 20.1)]
    found = appearances_of(matches, gap=5)
    assert spans(found) == [("v.mp4", 0, 9), ("v.mp4", 14.5, 14.5)] + [
        ("v.mp4", 20.1, 20.1),
        ("v.mp4", 30, 30),
    ]
    assert [one.sightings for one in found] == [3, 1, 1, 1]


def test_rare_frames_widen_the_gap():
    matches = [match(t) for t in (0, 4, 15, 40)]
    found = appearances_of(matches, gap=5, pauses={"/v.mp4": 4.0})
    assert spans(found) == [("v.mp4", 0, 15), ("v.mp4", 40, 40)]


def test_the_best_sighting_is_the_picture():
    matches = [match(0, similarity=0.5), match(1, similarity=0.8), match(2)]
    (one,) = appearances_of(matches)
    assert one.similarity == 0.8 and one.best.time == 1
    assert one.as_dict() == {
        "camera": "v.mp4",
        "from": 0.0,
        "to": 2.0,
        "similarity": 0.8,
        "sightings": 3,
        "path": "/v.mp4",
        "frame": 10,
        "box": [1.0, 2.0, 3.0, 4.0],
    }


def test_cameras_and_files_are_apart_unless_the_clock_joins_them():
    # the same seconds of two files say nothing about each other
    matches = [match(1, "door", path="/a.mp4"), match(2, "door", path="/b.mp4")]
    assert len(appearances_of(matches)) == 2
    # one camera's recording goes on in a second file
    noon = 1_800_000_000.0
    matches = [
        match(59, "door", path="/a.mp4", clock=noon + 59),
        match(1, "door", path="/b.mp4", clock=noon + 61),
        match(1, "yard", path="/c.mp4", clock=noon + 61),
    ]
    door, yard = appearances_of(matches)
    assert spans([door, yard]) == [
        ("door", noon + 59, noon + 61),
        ("yard", noon + 61, noon + 61),
    ]
    assert door.as_dict()["from"] == "2027-01-15T08:00:59+00:00"


def test_a_track_counts_from_start_to_end():
    matches = [
        match(7, track=3, start=2.0, end=30.0, clock=107.0),
        match(33, track=5, start=33.0, end=50.0, clock=133.0),
    ]
    (one,) = appearances_of(matches)
    assert (one.start, one.end) == (102.0, 150.0)


def test_still_pictures_without_clock_have_no_appearance():
    assert appearances_of([match(None)]) == []
    assert len(appearances_of([match(None, clock=5.0)])) == 1


def crowd(index, people, frames, present, seed=0):
    """Several people in every frame, the first one only where ``present``."""
    generator = np.random.default_rng(seed)
    basis = np.eye(people, 32, dtype=np.float32)
    for frame in range(frames):
        rows = [who for who in range(people) if who or present(frame)]
        noise = generator.normal(0, 0.05, (len(rows), 32))
        boxes = [[20 * who, 0, 20 * who + 10, 40] for who in rows]
        index.add(
            Detections(
                boxes=np.array(boxes, np.float32),
                scores=np.full(len(rows), 0.9, np.float32),
                embeddings=(basis[rows] + noise).astype(np.float32),
                height=100,
                width=200,
                path="/v.mp4",
                time=frame * 0.5,
                frame=5 * frame,
                camera="hall",
            )
        )
    return basis


@pytest.mark.parametrize("threshold", [None, 0.6])
def test_a_person_who_comes_and_goes(threshold):
    index = GalleryIndex()
    basis = crowd(index, 5, 120, lambda frame: 20 <= frame <= 40 or 80 <= frame <= 90)
    found = find_appearances(index, basis[:1], threshold)
    assert spans(found) == [("hall", 10.0, 20.0), ("hall", 40.0, 45.0)]
    assert [one.sightings for one in found] == [21, 11]


def test_without_a_threshold_to_learn_the_shown_matches_count():
    index = GalleryIndex()
    basis = crowd(index, 1, 10, lambda frame: True)
    shown = index.search(basis[:1], 3)[0].matches
    (one,) = find_appearances(index, basis[:1], shown=shown)
    assert one.sightings == 3

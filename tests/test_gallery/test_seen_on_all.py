import numpy as np
import pytest

from mmpsearch.errors import GalleryError
from mmpsearch.gallery import Detections, GalleryIndex, seen_on_all, where


def at(degrees):
    return [np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))]


@pytest.fixture
def gallery():
    """The door saw people at 0, 1 and 90 degrees; the yard at 3, 88 and 180."""
    gallery = GalleryIndex()
    seen = {"door": [0, 1, 90], "yard": [3, 88, 180, 181], "gate": [92, 271]}
    for camera, people in seen.items():
        for n, degrees in enumerate(people):
            gallery.add(
                Detections(
                    boxes=np.array([[0, 0, 5, 9]]),
                    scores=np.ones(1),
                    embeddings=np.array([at(degrees)]),
                    height=9,
                    width=9,
                    path=f"/x/{camera}{n}.jpg",
                    camera=camera,
                    clock=1.8e9 + 100 * n,
                )
            )
    return gallery


def names(people):
    return [[m.path for m in person.sightings.values()] for person in people]


def test_who_was_on_two_cameras(gallery):
    people = seen_on_all(gallery, ["yard", "door"], np.cos(np.deg2rad(5)))
    # 88 and 90 are nearer than 3 and 0; 1 is the person of 0 again
    assert names(people) == [
        ["/x/yard1.jpg", "/x/door2.jpg"],
        ["/x/yard0.jpg", "/x/door0.jpg"],
    ]
    expected = [np.cos(np.deg2rad(2)), np.cos(np.deg2rad(3))]
    assert [p.similarity for p in people] == pytest.approx(expected, abs=1e-6)


def test_who_was_on_three_and_when(gallery):
    threshold = np.cos(np.deg2rad(5))
    three = seen_on_all(gallery, ["door", "yard", "gate"], threshold)
    assert names(three) == [["/x/door2.jpg", "/x/yard1.jpg", "/x/gate0.jpg"]]
    early = where(until="2027-01-15T08:00:30+00:00")
    assert names(seen_on_all(gallery, ["yard", "door"], threshold, early)) == [
        ["/x/yard0.jpg", "/x/door0.jpg"]
    ]


def test_the_threshold_is_learned_where_people_were_seen_together():
    """Pairs of one picture reach 0.5, three of them 0.8; the two cameras 0.98."""
    gallery = GalleryIndex()
    rng = np.random.default_rng(0)
    person, other = at(0), at(10)
    for n in range(200):
        angle = rng.uniform(60, 120) if n % 67 else 36.87
        gallery.add(
            Detections(
                boxes=np.array([[0, 0, 5, 9], [20, 0, 25, 9]]),
                scores=np.ones(2),
                embeddings=np.array([person, at(angle)]),
                height=30,
                width=30,
                path=f"/x/{n}.jpg",
                camera="door",
            )
        )
    gallery.add(
        Detections(
            boxes=np.array([[0, 0, 5, 9]]),
            scores=np.ones(1),
            embeddings=np.array([other]),
            height=9,
            width=9,
            path="/x/yard.jpg",
            camera="yard",
        )
    )
    (found,) = seen_on_all(gallery, ["door", "yard"])
    assert found.similarity == pytest.approx(np.cos(np.deg2rad(10)))
    assert not seen_on_all(gallery, ["door", "yard"], 0.99)


def test_a_threshold_that_cannot_be_learned(gallery):
    with pytest.raises(GalleryError, match="too few people were seen together"):
        seen_on_all(gallery, ["door", "yard"])


def test_cameras_that_do_not_fit(gallery):
    with pytest.raises(GalleryError, match="two cameras"):
        seen_on_all(gallery, ["door", "door"], 0.5)
    with pytest.raises(GalleryError, match="no camera 'dor'.*door, gate, yard"):
        seen_on_all(gallery, ["door", "dor"], 0.5)

import numpy as np
import pytest

from mmpsearch.datasets.synthetic.camera import make_camera
from mmpsearch.datasets.synthetic.identity import draw_identity
from mmpsearch.datasets.synthetic.scene import (
    CROWD,
    MIN_VISIBILITY,
    NOBODY,
    Member,
    compose_scene,
)

CAMERA = make_camera(0, 1, (240, 160))


def members(count, **kwargs):
    return [Member(draw_identity(0, "train", i), i, **kwargs) for i in range(count)]


@pytest.fixture(scope="module")
def scenes():
    return [
        compose_scene(CAMERA, members(5), np.random.default_rng(i)) for i in range(12)
    ]


def test_pictures_and_boxes(scenes):
    for scene in scenes:
        assert scene.image.shape == (160, 240, 3) and scene.image.dtype == np.uint8
        for box in scene.people:
            x0, y0, x1, y1 = box.xyxy
            assert 0 <= x0 < x1 <= 240 and 0 <= y0 < y1 <= 160
            assert 0 <= box.visibility <= 1


def test_boxes_are_tight_around_fully_visible_people(scenes):
    checked = 0
    for scene in scenes:
        for box in scene.people:
            if box.visibility == 1:
                rows, columns = np.nonzero(scene.owner == box.owner)
                tight = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
                assert box.xyxy == tight
                checked += 1
            elif box.visibility > 0:
                rows, columns = np.nonzero(scene.owner == box.owner)
                assert box.xyxy[0] <= columns.min() and columns.max() < box.xyxy[2]
    assert checked > 10


def test_hidden_people_are_not_annotated(scenes):
    hidden = [b for s in scenes for b in s.people if b.visibility < MIN_VISIBILITY]
    assert hidden, "no scene has a hidden person: the test needs other seeds"
    assert all(b.visibility >= MIN_VISIBILITY for s in scenes for b in s.annotated())


def test_visibility_is_the_share_of_the_silhouette(scenes):
    for scene in scenes:
        for box in scene.people:
            seen = (scene.owner == box.owner).sum()
            area = (box.xyxy[2] - box.xyxy[0]) * (box.xyxy[3] - box.xyxy[1])
            assert seen <= area
            assert (seen > 0) == (box.visibility > 0)


def test_a_scene_depends_on_its_generator_only():
    first, second = (
        compose_scene(CAMERA, members(3), np.random.default_rng(9)) for _ in range(2)
    )
    assert (first.image == second.image).all() and first.people == second.people
    other = compose_scene(CAMERA, members(3), np.random.default_rng(10))
    assert (first.image != other.image).any()


def test_protected_people_are_always_annotated():
    small = make_camera(0, 1, (96, 96))
    for i in range(10):
        cast = members(6, protected=True)
        scene = compose_scene(small, cast, np.random.default_rng(i))
        assert {box.label for box in scene.annotated()} == set(range(6))


def test_crowds_stand_together_and_carry_no_own_annotation():
    crowd = [Member(draw_identity(0, "unique", i), CROWD) for i in range(5)]
    scene = compose_scene(CAMERA, crowd, np.random.default_rng(2))
    assert scene.annotated() == []
    columns = np.nonzero(np.isin(scene.owner, range(5)))[1]
    assert 0 < columns.max() - columns.min() < 120


def test_an_empty_place_and_infrared():
    scene = compose_scene(CAMERA, [], np.random.default_rng(3))
    assert scene.people == [] and scene.owner[0, 0] == NOBODY
    night = compose_scene(CAMERA, members(2), np.random.default_rng(3), "ir").image
    assert (night == night[..., :1]).all()

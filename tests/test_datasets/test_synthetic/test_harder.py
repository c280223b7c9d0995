"""The harder scenes: deeper, fuller, darker, with people dressed alike."""

import numpy as np
import pytest

from mmpsearch.datasets.synthetic import make_options, make_plan, render_scene
from mmpsearch.datasets.synthetic.camera import make_camera
from mmpsearch.datasets.synthetic.identity import draw_identity, draw_look_alike

OPTIONS = make_options("prw", harder=True, scenes=12, identities=40)
SIZE = OPTIONS.size


def test_options():
    assert SIZE == (854, 480) and OPTIONS.labelled_per_scene == 7
    assert OPTIONS.to_dict()["harder"]
    # A folder rendered before there was the option keeps its manifest.
    assert "harder" not in make_options("prw").to_dict()
    assert make_options("prw", harder=True, width=640, height=360).size == (640, 360)
    most = max(len(spec.roles) for spec in make_plan(make_options("prw", harder=True)))
    assert most == 15


def test_the_ground_holds_people_of_25_to_300_pixels():
    for index in range(12):
        ground = make_camera(0, index, SIZE, harder=True).ground
        assert 25 <= ground.height_at(ground.far) <= 40
        assert 240 <= ground.height_at(ground.near) <= 300
        assert ground.edge < ground.far < ground.near


def test_a_camera_is_otherwise_what_it_was():
    for index in range(4):
        plain = make_camera(0, index, SIZE)
        harder = make_camera(0, index, SIZE, harder=True)
        assert harder.night == (index % 2 == 1) and not plain.night
        assert harder.noise == plain.noise * (2 if harder.night else 1)
        assert (harder.colour == plain.colour).all() and harder.place == plain.place


def test_nights_are_dark_but_for_lamps():
    rng = np.random.default_rng(0)
    grey = np.full((480, 854, 3), 140, np.float32)
    night, plain = make_camera(0, 1, SIZE, harder=True), make_camera(0, 1, SIZE)
    dark = night.expose(grey, rng, exposure=1.0).astype(float).mean(axis=2)
    bright = plain.expose(grey, rng, exposure=1.0).astype(float).mean(axis=2)
    assert dark.mean() < 0.7 * bright.mean()
    blocks = dark[: 480 // 40 * 40, : 854 // 61 * 61].reshape(12, 40, 14, 61)
    blocks = blocks.mean(axis=(1, 3))
    assert blocks.max() > 1.8 * blocks.min()


def test_look_alikes_share_the_top_or_the_trousers():
    shared = []
    for index in range(0, 120, 2):
        first, second = (draw_look_alike(0, "train", i) for i in (index, index + 1))
        assert first == draw_identity(0, "train", index)
        own = draw_identity(0, "train", index + 1)
        top, bottom = second.top == first.top, second.bottom == first.bottom
        assert not (top and bottom)
        assert second.hair == own.hair and second.bag == own.bag
        shared.append("top" if top else "bottom" if bottom else "none")
    counts = {name: shared.count(name) for name in ("top", "bottom", "none")}
    assert counts["top"] > 15 and counts["bottom"] > 15 and counts["none"] > 4


@pytest.fixture(scope="module")
def scenes():
    return [render_scene(OPTIONS, spec) for spec in make_plan(OPTIONS)[:6]]


def test_scenes_are_full_of_people_of_all_sizes(scenes):
    heights = [
        box.xyxy[3] - box.xyxy[1] for scene in scenes for box in scene.annotated()
    ]
    assert min(heights) < 60 and max(heights) > 160
    assert np.mean([len(scene.annotated()) for scene in scenes]) > 4


def test_crowds_hide_people(scenes):
    seen = [box.visibility for scene in scenes for box in scene.people]
    assert np.mean(np.array(seen) < 0.8) > 0.15


def test_protected_people_are_annotated(scenes):
    for spec, scene in zip(make_plan(OPTIONS)[:6], scenes, strict=True):
        needed = {role.person_id for role in spec.roles if role.protected}
        assert needed - {-2} <= {box.label for box in scene.annotated()}

import hashlib
import json
import os

import numpy as np
import pytest
from PIL import Image

from mmpsearch.datasets.synthetic import render
from mmpsearch.datasets.synthetic.camera import make_camera
from mmpsearch.datasets.synthetic.manifest import RECORDS
from mmpsearch.datasets.synthetic.options import make_options
from mmpsearch.datasets.synthetic.plan import make_plan
from mmpsearch.datasets.synthetic.render import (
    _outline,
    _run_lengths,
    describe,
    render_dataset,
    render_scene,
)
from mmpsearch.datasets.synthetic.scene import MIN_VISIBILITY
from mmpsearch.errors import ManifestError, RenderingError

TINY = make_options(
    "prw",
    scenes=6,
    gallery_scenes=3,
    query_scenes=2,
    identities=5,
    test_identities=4,
    cameras=2,
    width=120,
    height=96,
)


def digests(root):
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    root = tmp_path_factory.mktemp("serial")
    render_dataset(TINY, root, workers=1)
    return root, digests(root)


def test_bytes_do_not_depend_on_the_number_of_workers(serial, tmp_path):
    render_dataset(TINY, tmp_path / "parallel", workers=3)
    assert digests(tmp_path / "parallel") == serial[1]


def test_an_interrupted_rendering_is_completed_to_the_same_bytes(serial):
    root, before = serial
    frames = sorted((root / "frames").iterdir())
    records = sorted((root / RECORDS).iterdir())
    frames[0].unlink()
    frames[1].unlink()
    records[-1].unlink()
    untouched = frames[2].stat().st_mtime_ns
    told = []
    render_dataset(TINY, root, workers=1, progress=lambda *seen: told.append(seen))
    assert digests(root) == before
    assert frames[2].stat().st_mtime_ns == untouched
    assert told[0] == (8, 11) and told[-1] == (11, 11)


def test_other_options_are_refused(serial):
    other = make_options("prw", seed=1)
    with pytest.raises(ManifestError, match="seed: 0 there, 1 wanted"):
        render_dataset(other, serial[0])


def test_a_broken_record_is_named(tmp_path):
    render_dataset(TINY, tmp_path)
    path = sorted((tmp_path / RECORDS).iterdir())[0]
    path.write_text('{"people": [')
    with pytest.raises(RenderingError, match=rf"{path.name} cannot be read.*delete it"):
        render_dataset(TINY, tmp_path)


def _die(*args):
    os._exit(1)


def test_a_dead_worker_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(render, "_render_one", _die)
    with pytest.raises(RenderingError, match="the same command continues"):
        render_dataset(TINY, tmp_path, workers=2)


def test_seeds_give_other_pictures():
    other = make_options(**(TINY.to_dict() | {"seed": 1}))
    a, b = (render_scene(o, make_plan(o)[0]).image for o in (TINY, other))
    assert (a != b).any()


def test_pictures_are_what_was_drawn_at_the_cameras_quality(serial):
    spec = make_plan(TINY)[0]
    drawn = render_scene(TINY, spec).image[..., ::-1].astype(float)
    stored = np.asarray(Image.open(serial[0] / spec.path), float)
    assert stored.shape == (96, 120, 3)
    assert np.abs(stored - drawn).mean() < 12
    assert 45 <= make_camera(0, spec.camera, TINY.size).quality <= 92


def test_records_hold_annotated_people_only(serial):
    for path in (serial[0] / RECORDS).iterdir():
        record = json.loads(path.read_text())
        assert (record["height"], record["width"]) == (96, 120)
        assert record["people"]
        for person in record["people"]:
            x0, y0, x1, y1 = person["box"]
            assert 0 <= x0 < x1 <= 120 and 0 <= y0 < y1 <= 96
            assert person["visibility"] >= MIN_VISIBILITY


def test_run_lengths_follow_coco():
    mask = np.array([[0, 1], [1, 1], [0, 0]], bool)  # columns: 0 1 0 | 1 1 0
    assert _run_lengths(mask) == [1, 1, 1, 2, 1]
    assert _run_lengths(np.array([[1], [0]], bool)) == [0, 1, 1]


def test_description_of_an_empty_scene():
    options = make_options("coco", scenes=1, empty_fraction=1.0, width=96, height=96)
    record = describe(render_scene(options, make_plan(options)[0]), "coco")
    assert record["people"] == [] and "crowd" not in record


def test_outlines_run_along_pixel_edges():
    mask = np.zeros((10, 12), bool)
    mask[3:7, 2:5] = True
    (polygon,) = _outline(mask)
    corners = set(zip(polygon[::2], polygon[1::2], strict=True))
    assert corners == {(2, 3), (5, 3), (2, 7), (5, 7)}
    assert _outline(np.zeros((4, 4), bool)) == []

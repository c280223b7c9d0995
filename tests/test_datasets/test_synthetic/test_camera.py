import dataclasses

import numpy as np
import pytest

from mmpsearch.datasets.synthetic.camera import WIDER, make_camera

SIZE = (168, 112)


def test_camera_geometry_is_plausible():
    for index in range(40):
        ground = make_camera(0, index, (480, 320)).ground
        assert 0.2 * 320 < ground.edge < ground.far < ground.near <= 1.05 * 320
        assert 64 <= ground.far_height <= 84 and 150 <= ground.near_height <= 235
        assert ground.far > ground.far_height  # heads of the farthest are in the frame


def test_background_is_wider_than_the_frame_and_cached():
    camera = make_camera(0, 1, SIZE)
    wide = camera.background()
    assert wide.shape == (112, int(WIDER * 168), 3)
    assert camera.background() is wide
    night = camera.background("ir")
    assert (night == night[..., :1]).all()


def test_frames_pan_and_flip():
    camera = make_camera(0, 2, SIZE)
    frames = [camera.frame(np.random.default_rng(i)) for i in range(4)]
    assert frames[0].shape == (112, 168, 3) and frames[0].dtype == np.float32
    assert len({frame.tobytes() for frame in frames}) == 4


def test_exposure_applies_cast_and_gamma():
    camera = dataclasses.replace(
        make_camera(0, 0, SIZE),
        colour=np.diag((1.0, 0.5, 2.0)).astype(np.float32),
        gamma=np.ones(3),
        blur=0.0,
        noise=0.0,
    )
    image = np.full((112, 168, 3), 100, np.float32)
    out = camera.expose(image, np.random.default_rng(0))
    exposure = np.random.default_rng(0).normal(1, 0.06)
    expected = np.clip(np.array((100, 50, 200)) * exposure, 0, 255)
    assert np.abs(out.reshape(-1, 3).mean(0) - expected).max() <= 1
    gamma = dataclasses.replace(camera, gamma=np.array((2.0, 1.0, 1.0)))
    dark = gamma.expose(image, np.random.default_rng(0))
    assert dark[0, 0, 0] == pytest.approx(255 * (expected[0] / 255) ** 2, abs=1.5)


def test_noise_has_the_cameras_level():
    quiet = dataclasses.replace(make_camera(0, 0, SIZE), blur=0.0, noise=6.0)
    image = np.full((112, 168, 3), 128, np.float32)
    image = quiet.expose(image, np.random.default_rng(0)).astype(float)
    spread = image.reshape(-1, 3).std(0)
    assert (4 < spread).all() and (spread < 8).all()
    night = quiet.expose(
        np.full((112, 168, 3), 90, np.float32), np.random.default_rng(0), "ir"
    )
    assert (night == night[..., :1]).all()


def test_cameras_differ_and_large_frames_work():
    first, second = make_camera(0, 0, (700, 600)), make_camera(0, 1, (700, 600))
    assert not np.allclose(first.colour, second.colour)
    rng = np.random.default_rng(0)
    assert first.expose(first.frame(rng), rng).shape == (600, 700, 3)

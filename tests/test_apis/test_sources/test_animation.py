"""Animated pictures are videos; still ones of the same formats are not."""

import numpy as np
import pytest
from PIL import Image

from mmpsearch.apis.image_sources import is_video, iter_images, read_frame
from mmpsearch.apis.sources.animation import iter_animation
from mmpsearch.apis.sources.frame import FrameChoice
from mmpsearch.errors import ImageReadError


def animate(path, values, durations):
    frames = [Image.new("L", (16, 12), value) for value in values]
    options = dict(save_all=True, append_images=frames[1:], duration=durations)
    if path.suffix == ".webp":
        options["lossless"] = True
    frames[0].save(path, **options)
    return path


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_frames_have_the_times_at_which_they_appear(tmp_path, suffix):
    path = animate(tmp_path / f"a{suffix}", [0, 80, 160, 240], [100, 500, 40, 100])
    assert is_video(path)
    frames = list(iter_images(path))
    assert [image.pixels[0, 0, 0] for image in frames] == [0, 80, 160, 240]
    assert [image.frame for image in frames] == [0, 1, 2, 3]
    np.testing.assert_allclose([image.time for image in frames], [0, 0.1, 0.6, 0.64])
    assert [image.frame for image in iter_images(path, frame_step=3)] == [0, 3]
    assert [image.frame for image in iter_images(path, fps=3)] == [0, 2]
    assert read_frame(path, 2)[0, 0, 0] == 160
    with pytest.raises(ImageReadError, match="no frame 4"):
        read_frame(path, 4)


def test_frames_without_duration_last_as_in_a_browser(tmp_path):
    path = animate(tmp_path / "a.gif", [0, 80, 160], 0)
    times = [image.time for image in iter_animation(path, FrameChoice())]
    np.testing.assert_allclose(times, [0, 0.1, 0.2])


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_a_still_picture_has_no_time(tmp_path, suffix):
    Image.new("RGB", (8, 8)).save(tmp_path / f"a{suffix}")
    assert not is_video(tmp_path / f"a{suffix}")
    (image,) = iter_images(tmp_path / f"a{suffix}")
    assert image.time is None and image.frame == -1


def test_an_animation_that_breaks_off_gives_its_frames_then_the_error(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (5, 40, 40), np.uint8)
    frames = [Image.fromarray(one) for one in noise]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    whole = (tmp_path / "a.gif").read_bytes()
    (tmp_path / "a.gif").write_bytes(whole[: int(0.7 * len(whole))])
    images, errors = [], []
    images.extend(iter_images(tmp_path / "a.gif", on_error=errors.append))
    assert 0 < len(images) < 5
    assert len(errors) == 1 and "a.gif" in str(errors[0])

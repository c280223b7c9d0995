import cv2
import numpy as np
import pytest
from PIL import Image

from mmpsearch.apis.image_sources import (
    iter_images,
    iter_video,
    list_files,
    read_frame,
)
from mmpsearch.errors import ImageReadError


def save(path, value=0, size=(8, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value,) * 3).save(path)


@pytest.fixture
def video(tmp_path):
    """12 frames at 4 frames per second; frame i has brightness 20 * i."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 4.0, (64, 48))
    assert writer.isOpened()
    for i in range(12):
        writer.write(np.full((48, 64, 3), 20 * i, np.uint8))
    writer.release()
    return path


def test_folders_are_searched_sorted_and_filtered(tmp_path):
    for name in ("b.JPG", "a/z.png", "a/.hidden.png", ".git/c.png", "c.webp"):
        save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "a" / "clip.MP4").write_bytes(b"")
    names = [p[len(str(tmp_path)) + 1 :] for p in list_files(tmp_path)]
    assert names == ["b.JPG", "c.webp", "a/clip.MP4", "a/z.png"]


def test_lists_keep_their_order_and_drop_repeats(tmp_path):
    save(tmp_path / "b.png")
    save(tmp_path / "a.png")
    paths = [tmp_path / "b.png", tmp_path]
    assert list_files(paths) == [str(tmp_path / "b.png"), str(tmp_path / "a.png")]


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(ImageReadError, match="nowhere"):
        list_files(tmp_path / "nowhere")


def test_unreadable_files_are_reported_and_skipped(tmp_path):
    save(tmp_path / "a.png", 10)
    (tmp_path / "b.png").write_bytes(b"broken")
    save(tmp_path / "c.png", 30)
    errors = []
    images = list(iter_images([tmp_path, "nowhere.png"], on_error=errors.append))
    assert [i.pixels[0, 0, 0] for i in images] == [10, 30]
    assert [i.path for i in images] == [str(tmp_path / n) for n in ("a.png", "c.png")]
    assert [e.path for e in errors] == [str(tmp_path / "b.png"), "nowhere.png"]
    with pytest.raises(ImageReadError, match="b.png"):
        list(iter_images(tmp_path))


def test_arrays_pass_through():
    array = np.full((4, 5), 9, np.uint8)
    (image,) = iter_images(array)
    assert image.pixels.shape == (4, 5, 3) and image.path == "" and image.frame == -1


@pytest.mark.parametrize("step", [1, 5, 100])
def test_video_frames_have_numbers_and_times(video, step):
    frames = list(iter_video(video, step))
    assert [f.frame for f in frames] == list(range(0, 12, step))
    np.testing.assert_allclose([f.time for f in frames], np.arange(0, 12, step) / 4)
    for image in frames:
        assert abs(int(image.pixels.mean()) - 20 * image.frame) <= 3
        assert image.path == str(video)


def test_one_frame_is_read_again(video):
    for frame in (0, 7, 11):
        assert abs(int(read_frame(video, frame).mean()) - 20 * frame) <= 3
    with pytest.raises(ImageReadError, match="no frame 12"):
        read_frame(video, 12)


def test_a_still_picture_is_read_again(tmp_path):
    save(tmp_path / "a.png", 33)
    assert read_frame(tmp_path / "a.png", -1)[0, 0].tolist() == [33] * 3


def test_a_video_among_pictures(tmp_path, video):
    save(tmp_path / "a.png", 1)
    images = list(iter_images(tmp_path, frame_step=6))
    assert [(i.path[-8:], i.frame) for i in images] == [
        (str(tmp_path / "a.png")[-8:], -1),
        ("clip.avi", 0),
        ("clip.avi", 6),
    ]


def test_broken_videos(tmp_path, video):
    (tmp_path / "bad.mp4").write_bytes(b"nothing")
    with pytest.raises(ImageReadError, match="bad.mp4.*not a video"):
        list(iter_video(tmp_path / "bad.mp4"))
    with pytest.raises(ImageReadError, match="no such file"):
        list(iter_video(tmp_path / "none.mp4"))
    with pytest.raises(ValueError, match="frame_step"):
        list(iter_video(video, 0))


def test_a_video_that_breaks_off_gives_its_frames_then_the_error(tmp_path):
    whole = tmp_path / "whole.avi"
    writer = cv2.VideoWriter(str(whole), cv2.VideoWriter_fourcc(*"MJPG"), 4.0, (64, 48))
    noise = np.random.default_rng(0)  # so that most bytes are pictures
    for _ in range(12):
        writer.write(noise.integers(0, 255, (48, 64, 3), np.uint8))
    writer.release()
    content = whole.read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(content[: len(content) // 2])
    frames = []
    with pytest.raises(ImageReadError, match="cut.avi.*breaks off after"):
        frames.extend(f for f in iter_video(cut))
    errors = []
    images = list(iter_images(cut, on_error=errors.append))
    assert 0 < len(images) < 12 and len(errors) == 1

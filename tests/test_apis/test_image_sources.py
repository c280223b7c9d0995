import os
import struct

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmpsearch.apis.image_sources import (
    SourceImage,
    iter_images,
    iter_video,
    list_files,
    read_frame,
)
from mmpsearch.errors import ImageReadError, InputError


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


def test_patterns(tmp_path):
    for name in ("a1.png", "a2.png", "b.png", "c/a3.png"):
        save(tmp_path / name)
    names = [p[len(str(tmp_path)) + 1 :] for p in list_files(tmp_path / "a*.png")]
    assert names == ["a1.png", "a2.png"]
    names = [p[len(str(tmp_path)) + 1 :] for p in list_files(tmp_path / "**/a?.png")]
    assert names == ["a1.png", "a2.png", "c/a3.png"]
    with pytest.raises(ImageReadError, match="nothing fits the pattern"):
        list_files(tmp_path / "z*.png")
    save(tmp_path / "x[1].png")  # a file of that name, not a pattern
    assert list_files(tmp_path / "x[1].png") == [str(tmp_path / "x[1].png")]


def test_pictures_in_memory_and_what_is_none():
    red = Image.new("RGB", (5, 4), "red")
    tensor = torch.from_numpy(np.full((4, 5, 3), 7, np.uint8))
    first, second, third = iter_images([red, tensor, SourceImage(np.zeros((2, 2, 3)))])
    assert first.pixels[0, 0].tolist() == [0, 0, 255]
    assert second.pixels.tolist() == np.full((4, 5, 3), 7).tolist()
    assert third.pixels.shape == (2, 2, 3)
    for wrong in (None, [None], 0, b"bytes", [b"bytes"], 1.5):
        with pytest.raises(InputError, match=r"expected the path.*cv2\.imread"):
            list(iter_images(wrong))


def test_pipes_named_like_videos_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    errors = []
    assert not list(iter_images(tmp_path / "pipe.mp4", on_error=errors.append))
    assert "pipe.mp4" in str(errors[0]) and "not a regular file" in str(errors[0])
    assert not list(iter_images(tmp_path))  # a folder passes it over


@pytest.mark.parametrize("text", ["#EXTM3U\nhttp://h/a", "ffconcat version 1.0\n"])
def test_lists_of_other_files_are_not_followed(tmp_path, text):
    (tmp_path / "a.mp4").write_text(text)
    with pytest.raises(ImageReadError, match="a list of other files"):
        list(iter_video(tmp_path / "a.mp4"))


def test_a_video_without_frames(tmp_path):
    path = tmp_path / "empty.avi"
    fourcc = cv2.VideoWriter_fourcc(*"MJPG")
    cv2.VideoWriter(str(path), fourcc, 4.0, (64, 48)).release()
    with pytest.raises(ImageReadError, match="empty.avi"):
        list(iter_video(path))


def test_a_phones_video_is_upright(tmp_path):
    """The rotation lies in the track's matrix, beside pixels that lie on their side."""
    path = tmp_path / "phone.mp4"
    fourcc = cv2.VideoWriter_fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), fourcc, 4.0, (64, 48))
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:24, :32] = 255  # white, top left
    for _ in range(3):
        writer.write(frame)
    writer.release()
    identity = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    content = path.read_bytes()
    track = content.index(b"tkhd")
    place = content.index(identity, track)
    path.write_bytes(content[:place] + turned + content[place + len(turned) :])
    image = next(iter_images(path))
    assert image.pixels.shape == (64, 48, 3)
    corner = {(y, x): image.pixels[y, x, 0] > 128 for y in (8, 56) for x in (8, 40)}
    assert corner == {(8, 8): False, (8, 40): True, (56, 8): False, (56, 40): False}
    np.testing.assert_array_equal(read_frame(path, 0), image.pixels)


def test_frames_a_second(video):
    assert [f.frame for f in iter_images(video, fps=2)] == [0, 2, 4, 6, 8, 10]
    assert [f.frame for f in iter_images(video, fps=100)] == list(range(12))
    with pytest.raises(ValueError, match="fps"):
        list(iter_images(video, fps=0))

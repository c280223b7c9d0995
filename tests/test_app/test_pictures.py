"""Crops, frames and clips, of a video whose frames say who they are."""

import base64
import threading

import cv2
import numpy as np
import pytest

from mmpsearch.apis.sources.seeking import (
    frames_around,
    read_frame_at,
    video_length,
    video_rate,
)
from mmpsearch.apis.sources.video_file import read_video_frame
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.pictures import Pictures, shown_picture
from mmpsearch.errors import InputError
from mmpsearch.gallery.search_result import Match

FRAMES, RATE = 200, 20


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Frame n is grey of value n."""
    path = tmp_path_factory.mktemp("video") / "clip.webm"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"VP80"), RATE, (64, 48))
    for number in range(FRAMES):
        writer.write(np.full((48, 64, 3), number, np.uint8))
    writer.release()
    return path


def match(path, frame, time):
    box = np.array([8, 8, 40, 40], np.float32)
    return Match(1, 0.9, 0, str(path), box, 1.0, "", time, frame)


@pytest.mark.parametrize("frame", [0, 70, 150, FRAMES - 1])
def test_seeking_gives_the_frame_that_decoding_gives(video, frame):
    expected = read_video_frame(video, frame)
    np.testing.assert_array_equal(read_frame_at(video, frame, frame / RATE), expected)
    # a time that is not the frame's: found by its number
    np.testing.assert_array_equal(read_frame_at(video, frame, 0.013), expected)
    assert abs(int(expected.mean()) - frame) <= 5


def test_frames_around_a_moment(video):
    found = list(frames_around(video, 5.0, 1.0, 10))
    stamps = [stamp for stamp, _ in found]
    assert 4.0 - 0.1 <= stamps[0] and stamps[-1] <= 6.0 and len(found) <= 11
    for stamp, pixels in found:
        assert abs(pixels.mean() - RATE * stamp) <= 5
    assert video_rate(video) == RATE
    assert video_length(video) == pytest.approx(FRAMES / RATE, abs=0.1)


def test_a_clip_can_be_played(video, tmp_path):
    pictures = Pictures(MediaRoots([video.parent]))
    address = pictures.clip(match(video, 100, 5.0))
    kind, _, content = address.partition(",")
    assert kind == "data:video/webm;base64"
    file = tmp_path / "back.webm"
    file.write_bytes(base64.b64decode(content))
    capture = cv2.VideoCapture(str(file))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) > 50
    capture.release()
    with pytest.raises(InputError, match="still picture"):
        pictures.clip(match(video, -1, None))
    with pytest.raises(InputError, match="--media"):
        Pictures(MediaRoots()).clip(match(video, 100, 5.0))


def test_crops_are_remembered_and_forgotten(video):
    pictures = Pictures(MediaRoots([video.parent]))
    one = match(video, 100, 5.0)
    (first,) = pictures.begin([one]).all()
    assert first.startswith("data:image/jpeg;base64,")
    pictures.media.folders = ()
    assert pictures.begin([one]).all() == [first]
    pictures.forget(lambda path: path == str(video))
    assert pictures.begin([one]).all() == [""]


def test_a_ranking_does_not_wait_for_slow_pictures(video, monkeypatch):
    pictures = Pictures(MediaRoots([video.parent]))
    free, read = threading.Event(), pictures.read
    monkeypatch.setattr(pictures, "read", lambda match: free.wait(30) and read(match))
    reading = pictures.begin([match(video, 100, 5.0), match(video, 20, 1.0)])
    assert not reading.wait(0.01)
    free.set()
    assert reading.wait(30)
    first, second = reading.all()
    assert first != second and second.startswith("data:image/jpeg")


def test_a_large_picture_is_scaled_down_for_the_screen():
    address = shown_picture(np.zeros((3000, 6000, 3), np.uint8))
    content = base64.b64decode(address.partition(",")[2])
    shown = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (800, 1600, 3)

"""Frames by number, of videos whose frames say who they are."""

import re

import cv2
import numpy as np
import pytest

from mmpsearch.apis.image_sources import read_one
from mmpsearch.apis.sources import numbered_frame
from mmpsearch.apis.sources.numbered_frame import (
    frame_time,
    read_numbered_frame,
    seek_frame,
)
from mmpsearch.apis.sources.video_file import read_video_frame
from mmpsearch.errors import ImageReadError

FRAMES, RATE = 150, 20
# MPEG-2 stores pictures before their turn; AVI has no stamps of its own
KINDS = {"a.webm": "VP80", "a.mp4": "mp4v", "a.avi": "MJPG", "a.ts": "MPEG"}

VERSION = tuple(int(part) for part in cv2.__version__.split(".")[:2])
needs_packets = pytest.mark.skipif(
    VERSION < (4, 9), reason="OpenCV before 4.9 tells no times of packets"
)


def write(path, codec):
    """Frame n is a bright bar on grey of value n / 2, which moves on."""
    code = cv2.VideoWriter_fourcc(*codec)
    writer = cv2.VideoWriter(str(path), code, RATE, (96, 64))
    for number in range(FRAMES):
        frame = np.full((64, 96, 3), number // 2, np.uint8)
        frame[20:40, number % 80 : number % 80 + 16] = 250
        writer.write(frame)
    writer.release()
    return path


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    return {name: write(folder / name, codec) for name, codec in KINDS.items()}


@needs_packets
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("frame", [64, 101, FRAMES - 1])
def test_a_late_frame_is_found_without_decoding_from_the_start(
    videos, name, frame, monkeypatch
):
    path = videos[name]
    expected = read_video_frame(path, frame)
    assert abs(int(expected[60, 90].mean()) - frame // 2) <= 4
    monkeypatch.setattr(numbered_frame, "read_video_frame", None)
    np.testing.assert_array_equal(read_numbered_frame(path, frame), expected)
    image = read_one(path, frame)
    np.testing.assert_array_equal(image.pixels, expected)
    assert (image.path, image.frame) == (str(path), frame)


@needs_packets
@pytest.mark.parametrize("name", KINDS)
def test_the_time_of_a_frame(videos, name):
    for frame in (0, 3, 77, FRAMES - 1):
        assert frame_time(videos[name], frame) == pytest.approx(frame / RATE, abs=2e-3)
    assert frame_time(videos[name], FRAMES) is None


def uneven(video, path):
    """A copy in which each group of frames but the first begins 30 ms later."""
    content = bytearray(video.read_bytes())
    clusters = [*re.finditer(rb"\x1f\x43\xb6\x75.{1,8}?\xe7\x82", content, re.DOTALL)]
    for cluster in clusters:  # its time in milliseconds, in two bytes
        time = int.from_bytes(content[cluster.end() : cluster.end() + 2], "big")
        content[cluster.end() : cluster.end() + 2] = (time + 30).to_bytes(2, "big")
    path.write_bytes(content)
    return len(clusters)


@needs_packets
def test_where_seeking_leads_elsewhere_it_is_decoded_from_the_start(videos, tmp_path):
    path = tmp_path / "uneven.webm"
    assert uneven(videos["a.webm"], path) >= 1
    frame = FRAMES - 10
    time = frame_time(path, frame)
    assert time == pytest.approx(frame / RATE + 0.03, abs=2e-3)
    assert seek_frame(path, frame, time) is None
    np.testing.assert_array_equal(
        read_numbered_frame(path, frame), read_video_frame(path, frame)
    )


def test_where_the_first_picture_is_not_the_first_packet_none_is_told(videos, tmp_path):
    """What comes before the first whole picture cannot be decoded, and is not counted.

    MPEG-2 transport streams are cut anywhere, at packets of 188 bytes.
    """
    content = videos["a.ts"].read_bytes()
    path = tmp_path / "cut.ts"
    path.write_bytes(content[188 * (len(content) // 188 // 10) :])
    number = 0
    while True:
        try:
            expected = read_video_frame(path, number)
        except ImageReadError:
            break
        if number >= 64:
            found = read_numbered_frame(path, number)
            np.testing.assert_array_equal(found, expected)
        number += 12
    assert number > 72


@pytest.mark.parametrize("frame", [FRAMES, 10**5])
def test_there_is_no_such_frame(videos, frame):
    with pytest.raises(ImageReadError, match=f"has no frame {frame}"):
        read_numbered_frame(videos["a.mp4"], frame)


def test_what_is_no_video_is_said(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(ImageReadError, match="not a video"):
        read_numbered_frame(tmp_path / "a.mp4", 100)

"""A camera on loopback is followed through interruptions, in little memory."""

import itertools
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from mmpsearch.apis.image_sources import iter_images
from mmpsearch.apis.sources.addresses import is_stream, shown_address
from mmpsearch.apis.sources.frame import FrameChoice
from mmpsearch.apis.sources.stream import StreamCounts, StreamOptions, iter_stream
from mmpsearch.errors import ImageReadError
from tests.test_apis.test_sources.mjpeg_server import (
    mjpeg_server,
    numbered_frame,
    read_number,
)
from tests.test_apis.test_sources.rtsp_server import rtsp_server


def follow(url, choice=None, **options):
    counts = StreamCounts("")
    options = StreamOptions(**{"patience": 0.5, "buffer": 1000, **options})
    images = list(iter_stream(url, choice or FrameChoice(), options, counts))
    return images, counts


def test_a_stream_that_is_cut_three_times_is_followed_to_its_end():
    with mjpeg_server(80, cuts={20, 40, 60}) as (url, _):
        images, counts = follow(url)
    assert [read_number(image.pixels) for image in images] == list(range(80))
    assert [image.frame for image in images] == list(range(80))
    assert counts.interruptions == 3 and counts.frames == 80 and counts.dropped == 0
    assert str(counts) == f"{url}: 80 frames received, interrupted 3 times"
    times = np.array([image.time for image in images])
    clocks = np.array([image.clock for image in images])
    assert times[0] == 0 and (np.diff(times) >= 0).all()
    np.testing.assert_allclose(clocks - clocks[0], times)
    assert abs(clocks[-1] - time.time()) < 60
    assert {image.path for image in images} == {url}


def test_rtsp_that_is_cut_three_times_is_followed_to_its_end():
    with rtsp_server(80, cuts={20, 40, 60}) as (url, state):
        images, counts = follow(url)
    assert [read_number(image.pixels) for image in images] == list(range(80))
    assert [image.frame for image in images] == list(range(80))
    assert counts.interruptions == 3 and state["connections"] >= 4
    assert "secret" in url and "secret" not in str(counts) + images[0].path
    clocks = np.array([image.clock for image in images])
    assert (np.diff(clocks) >= 0).all() and abs(clocks[-1] - time.time()) < 60


def test_frames_are_chosen_by_number_through_interruptions():
    with mjpeg_server(40, cuts={10, 25}) as (url, _):
        images, _ = follow(url, FrameChoice(7))
    assert [read_number(image.pixels) for image in images] == [0, 7, 14, 21, 28, 35]


def test_a_slow_consumer_gets_the_newest_frames():
    with mjpeg_server(60, cuts=set(), pause=0.005) as (url, _):
        counts, numbers = StreamCounts(""), []
        options = StreamOptions(patience=0.3, buffer=2)
        for image in iter_stream(url, FrameChoice(), options, counts):
            numbers.append(read_number(image.pixels))
            time.sleep(0.05)
    assert numbers == sorted(numbers) and numbers[-1] == 59
    assert counts.dropped == 60 - len(numbers) > 0


def test_a_consumer_that_leaves_ends_the_reader():
    with mjpeg_server(1000, cuts=set(), pause=0.001) as (url, _):
        stream = iter_stream(url, FrameChoice(), StreamOptions(patience=5))
        next(stream)
        stream.close()
        deadline = time.monotonic() + 5
        while any(thread.name == url for thread in threading.enumerate()):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_stream_is_left_after_some_seconds():
    clock = itertools.count(100, 0.125)
    options = StreamOptions(patience=5, buffer=1000, seconds=1)
    with mjpeg_server(1000, cuts=set(), pause=0.001) as (url, _):
        images = list(iter_stream(url, FrameChoice(), options, clock=clock.__next__))
    assert [image.time for image in images] == [number / 8 for number in range(9)]


def test_an_address_where_nothing_is():
    with pytest.raises(ImageReadError, match="127.0.0.1:9/live.*no stream"):
        follow("http://user:secret@127.0.0.1:9/live")
    errors = []
    assert not list(iter_images("http://u:secret@127.0.0.1:9/", on_error=errors.append))
    assert "secret" not in str(errors[0])


def test_a_video_file_that_a_server_sends_is_read_whole(tmp_path):
    writer = cv2.VideoWriter(
        str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 10.0, (64, 48)
    )
    for number in range(30):
        writer.write(numbered_frame(number))
    writer.release()
    content = (tmp_path / "a.avi").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/a.avi"
        images, counts = follow(url, buffer=2)
    finally:
        server.shutdown()
        server.server_close()
    assert [read_number(image.pixels) for image in images] == list(range(30))
    np.testing.assert_allclose([i.time for i in images], np.arange(30) / 10, atol=1e-3)
    assert counts.dropped == 0


def test_what_is_a_stream(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_stream("rtsp://host/live") and is_stream("0") and is_stream(1)
    assert not is_stream("a.mp4") and not is_stream("file:///etc/passwd")
    assert not is_stream(None) and not is_stream(True)
    (tmp_path / "7").mkdir()
    assert not is_stream("7")
    assert shown_address("rtsp://user:p@ss@10.0.0.7:554/live?x=1") == (
        "rtsp://10.0.0.7:554/live?x=1"
    )
    assert shown_address(0) == "webcam:0"


@pytest.mark.slow
def test_memory_is_flat_over_20000_frames():
    resource = pytest.importorskip("resource", reason="not on Windows")
    peaks = []
    with mjpeg_server(20_000, cuts={5_000, 10_000, 15_000}) as (url, _):
        options = StreamOptions(patience=2, buffer=8)
        for image in iter_stream(url, FrameChoice(), options):
            if image.frame % 1000 == 0 or not peaks:
                peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert image.frame > 19_000
    assert peaks[-1] - peaks[1] < 30  # MiB

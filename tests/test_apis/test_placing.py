from types import SimpleNamespace

import numpy as np

from mmpsearch.apis.placing import (
    place,
    place_in_file,
    stream_name,
    without_ignored,
)
from mmpsearch.apis.reading_report import ReadingReport
from mmpsearch.apis.sources.cameras import Camera
from mmpsearch.gallery import Detections

# the left half of a picture of 100 x 80
ZONE = np.array([[0, 0], [50, 0], [50, 80], [0, 80]], np.float32)
# feet at (20, 60), (70, 60), (50, 70): in the zone, outside, and on its border
BOXES = np.array([[10, 20, 30, 60], [60, 20, 80, 60], [40, 30, 60, 70]], np.float32)


def found(path="/x/hall.mp4", **more):
    return Detections(
        boxes=BOXES,
        scores=np.array([0.9, 0.8, 0.7]),
        embeddings=np.eye(3),
        height=80,
        width=100,
        path=path,
        **more,
    )


def frames_of(camera, path, picture=None):
    """What ``place`` asks of ``CameraFrames``."""
    return SimpleNamespace(cameras={path: camera}, picture=lambda path, frame: picture)


def test_who_stands_in_an_ignored_zone_is_left_out():
    stay = without_ignored(found(), Camera("hall.mp4", ignore=(ZONE,)))
    assert stay.boxes.tolist() == [BOXES[1].tolist()]
    np.testing.assert_allclose(stay.scores, [0.8])
    np.testing.assert_allclose(stay.embeddings, [[0, 1, 0]])
    far = np.array([[90, 0], [100, 0], [100, 9]], np.float32)
    assert len(without_ignored(found(), Camera("hall.mp4", ignore=(far,)))) == 3
    both = Camera("hall.mp4", ignore=(far, ZONE))
    assert len(without_ignored(found(), both)) == 1
    assert len(without_ignored(found(), Camera("hall.mp4"))) == 3


def test_a_frame_of_a_video_has_the_clock_of_its_start():
    camera = Camera("hall.mp4", "hall", start=1000.0)
    placed = place_in_file(found(time=2.5, frame=50), camera)
    assert (placed.camera, placed.clock, placed.time) == ("hall", 1002.5, 2.5)
    # a still picture has its own clock, if any, whatever the camera's start
    assert place_in_file(found("/x/a.jpg", clock=7.0), camera).clock == 7.0
    assert place_in_file(found("/x/a.jpg"), camera).clock is None
    # nor is a clock lost where no start is known
    unknown = place_in_file(found(time=2.5, clock=7.0), Camera("hall.mp4"))
    assert (unknown.camera, unknown.clock) == ("", 7.0)


def test_the_ignored_ones_are_no_people_of_the_report():
    camera = Camera("hall.mp4", "hall", ignore=(ZONE,))
    report = ReadingReport(images=1, people=3)
    placed = place(found(), frames_of(camera, "/x/hall.mp4"), None, report)
    assert len(placed) == report.people == 1 and placed.camera == "hall"
    # of a file that no camera has nothing is said
    other = found("/x/other.mp4")
    assert place(other, frames_of(camera, "/x/hall.mp4"), None, report) is other
    assert report.people == 1


def test_a_stream_has_the_clock_of_its_picture_which_may_be_kept():
    address = "rtsp://ann:secret@10.0.0.7/live"
    camera = Camera(address, ignore=(ZONE,))
    assert stream_name(camera) == "rtsp://10.0.0.7/live"
    assert stream_name(Camera(address, "yard")) == "yard"
    picture = SimpleNamespace(clock=5000.0)
    kept, report = [], ReadingReport(people=3)

    def keep(found, image):
        kept.append((len(found), image))
        return found

    frames = frames_of(camera, address, picture)
    placed = place(found(address), frames, SimpleNamespace(keep=keep), report)
    assert (placed.camera, placed.clock) == ("rtsp://10.0.0.7/live", 5000.0)
    assert kept == [(1, picture)] and report.people == 1
    assert place(found(address), frames, None, report).clock == 5000.0
    # a picture that is not at hand any more
    gone = place(found(address), frames_of(camera, address), None, report)
    assert gone.camera == "rtsp://10.0.0.7/live" and gone.clock is None

from datetime import datetime, timezone

import numpy as np
import pytest

from mmpsearch.apis.sources.cameras import Camera, parse_start, read_camera_list
from mmpsearch.errors import InputError


def write(tmp_path, text):
    path = tmp_path / "cameras.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_of_cameras(tmp_path):
    path = write(
        tmp_path,
        """
sources:
  - source: videos/door.mp4
    camera: Tür
    start: 2026-03-01T08:30:00+01:00
    fps: 5
  - source: rtsp://user:secret@10.0.0.7/live
    camera: 3
    frame_step: 10
    ignore: [[[0, 0], [10, 0], [10, 10]]]
  - 0
""",
    )
    door, yard, webcam = read_camera_list(path)
    assert door.source == str(tmp_path / "videos" / "door.mp4")
    assert (door.camera, door.fps, door.frame_step) == ("Tür", 5, None)
    moment = datetime(2026, 3, 1, 7, 30, tzinfo=timezone.utc)
    assert door.start == moment.timestamp()
    assert yard.source == "rtsp://user:secret@10.0.0.7/live"
    assert (yard.camera, yard.frame_step, yard.start) == ("3", 10, None)
    assert yard.ignore[0].tolist() == [[0, 0], [10, 0], [10, 10]]
    assert webcam.source == 0 and webcam.camera == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no list under the key 'sources'"),
        ("sources: 3", "no list"),
        ("sources: [[1]]", "entry 1: expected keys"),
        ("sources: [{camera: a}]", "entry 1: 'source' must be"),
        ("sources: [{source: a.mp4, fsp: 3}]", "unknown key 'fsp'; did you mean 'fps'"),
        ("sources: [{source: a.mp4, fps: 0}]", "entry 1: fps must be"),
        ("sources: [{source: a.mp4, fps: fast}]", "entry 1: "),
        ("sources: [{source: a.mp4, start: soon}]", "'start': 'soon' is not a date"),
        ("sources: [a.mp4, {source: a.mp4}]", "entry 2: .*twice"),
        ("sources: [{source: a.mp4, ignore: [[[0, 0], [1, 1]]]}]", "three points"),
        ("sources: [{source: a.mp4, ignore: 7}]", "three points"),
        ("sources: [{source: a.mp4, ignore: [[[0, 0], [1, .nan], [1, 1]]]}]", "three"),
        ("sources: [a: b: c", "not a readable yaml"),
        ("[" * 1200, "not a readable yaml"),
    ],
)
def test_mistakes_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as caught:
        read_camera_list(write(tmp_path, text))
    assert "cameras.yaml" in str(caught.value)


def test_a_list_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="none.yaml: there is no such file"):
        read_camera_list(tmp_path / "none.yaml")


def test_people_whose_feet_are_in_a_zone_are_ignored():
    square = np.array([[0, 0], [100, 0], [100, 100], [0, 100]], np.float32)
    camera = Camera("a.mp4", ignore=(square,))
    boxes = np.array(
        [
            [10, 10, 30, 90],  # feet at (20, 90): inside
            [10, 50, 30, 150],  # feet at (20, 150): below it, though the head is in
            [90, 10, 130, 90],  # feet at (110, 90): beside it
        ],
        np.float32,
    )
    assert camera.ignores(boxes).tolist() == [True, False, False]
    assert camera.ignores(boxes[:0]).shape == (0,)
    assert not Camera("a.mp4").ignores(boxes).any()


def test_a_start_without_time_zone_is_local_time():
    assert parse_start("2026-03-01 08:30") == datetime(2026, 3, 1, 8, 30).timestamp()
    with pytest.raises(InputError, match="start: None"):
        parse_start(None)

"""Cameras, streams, zones and tracks on their way into a gallery."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpsearch.apis import GalleryIndex, PersonSearchInferencer, update_gallery
from mmpsearch.apis.sources.cameras import Camera
from mmpsearch.apis.sources.stream import StreamOptions
from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.errors import GalleryError, InputError
from mmpsearch.gallery import Gallery
from tests.test_apis.colour_model import BLUE, GREEN, RED, config, scene
from tests.test_apis.test_sources.mjpeg_server import mjpeg_server

START = 1_800_000_000.0


@pytest.fixture(scope="module")
def inferencer():
    return PersonSearchInferencer(config(), device="cpu", score_threshold=0.5)


@pytest.fixture
def video(tmp_path):
    """40 frames at 10 a second: red walks to the right, green comes after 2 s."""
    path = tmp_path / "walk.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (160, 120))
    for n in range(40):
        people = [(RED, (5 + 2 * n, 20, 35 + 2 * n, 110))]
        people += [(GREEN, (120, 10, 150, 90))] if n >= 20 else []
        writer.write(np.ascontiguousarray(scene(*people)[:, :, ::-1]))
    writer.release()
    return path


def test_names_and_clocks(inferencer, video):
    index = GalleryIndex()
    camera = Camera(str(video), camera="door", start=START, fps=2)
    report = update_gallery(inferencer, index, camera)
    assert report.images == 8 and set(index.column("cameras")) == {"door"}
    times = index.column("times")
    np.testing.assert_allclose(np.unique(times), np.arange(8) / 2)
    np.testing.assert_allclose(index.column("clocks"), START + times)
    report = update_gallery(inferencer, index, camera)
    assert report.skipped == 1 and report.images == 0


def test_people_in_a_zone_are_left_out(inferencer, video):
    zone = np.array([[100, 0], [160, 0], [160, 100], [100, 100]], np.float32)
    index = GalleryIndex()
    camera = Camera(str(video), ignore=(zone,), frame_step=10)
    report = update_gallery(inferencer, index, camera)
    assert report.images == 4 and report.people == len(index) == 4  # red only
    assert (index.column("boxes")[:, 3] > 100).all()


def test_tracks_in_place_of_sightings(inferencer, video):
    index = GalleryIndex()
    update_gallery(
        inferencer, index, video, frame_step=2, tracks=TrackOptions(max_views=3)
    )
    tracks = index.column("tracks")
    assert sorted(set(tracks)) == [0, 1]
    assert 2 <= (tracks == 0).sum() <= 3
    red = tracks == 0
    assert set(index.column("starts")[red]) == {0.0}
    np.testing.assert_allclose(index.column("ends")[red], 3.8)
    np.testing.assert_allclose(index.column("starts")[~red], 2.0)
    with pytest.raises(GalleryError, match="tracks=1, now it is 0"):
        update_gallery(inferencer, index, video, frame_step=2)


def test_a_list_of_cameras_with_one_stream_that_is_cut(inferencer, video, tmp_path):
    with mjpeg_server(12, cuts={4, 8}, picture=blue_walker) as (url, _):
        (tmp_path / "cameras.yaml").write_text(
            f"sources:\n  - {{source: walk.avi, camera: door}}\n"
            f"  - {{source: '{url}', camera: yard, frame_step: 1}}\n"
        )
        index = GalleryIndex()
        report = update_gallery(
            inferencer,
            index,
            tmp_path / "cameras.yaml",
            frame_step=20,
            streams=StreamOptions(patience=0.3, buffer=100),
            keep_frames=tmp_path / "kept",
        )
    assert "12 frames received, interrupted 2 times" in str(report)
    cameras = index.column("cameras")
    assert (cameras == "yard").sum() == 12 and (cameras == "door").sum() == 3
    kept = sorted((tmp_path / "kept" / "yard").rglob("*.jpg"))
    assert set(map(str, kept)) == set(index.column("paths")[cameras == "yard"])
    assert not np.isnan(index.column("clocks")[cameras == "yard"]).any()


def test_tracks_of_a_stream_keep_only_the_pictures_of_their_views(inferencer, tmp_path):
    with mjpeg_server(12, cuts={6}, pause=0.02, picture=blue_walker) as (url, _):
        index = GalleryIndex()
        update_gallery(
            inferencer,
            index,
            url,
            camera="yard",
            tracks=TrackOptions(max_views=2, patience=60),
            streams=StreamOptions(patience=0.3, buffer=100),
            keep_frames=tmp_path / "kept",
        )
    assert set(index.column("tracks")) == {0} and 1 <= len(index) <= 2
    kept = {str(path) for path in (tmp_path / "kept").rglob("*.jpg")}
    assert kept == set(index.column("paths"))


def test_two_streams_are_read_at_once(inferencer):
    with (
        mjpeg_server(30, cuts=set(), pause=0.02, picture=blue_walker) as (one, _),
        mjpeg_server(30, cuts=set(), pause=0.02, picture=blue_walker) as (other, _),
    ):
        index = GalleryIndex()
        sources = [Camera(one, "one"), Camera(other, "other")]
        options = StreamOptions(patience=0.3, buffer=100)
        update_gallery(inferencer, index, sources, streams=options)
    cameras = index.column("cameras").tolist()
    assert sorted(set(cameras)) == ["one", "other"] and len(cameras) == 60
    assert cameras != sorted(cameras)  # not one after the other


def test_one_start_does_not_fit_several_videos(inferencer, video, tmp_path):
    (tmp_path / "second.avi").write_bytes(video.read_bytes())
    with pytest.raises(InputError, match="2 videos cannot all begin at one time"):
        update_gallery(inferencer, GalleryIndex(), tmp_path, start=START)


def blue_walker(number):
    picture = scene((BLUE, (5 + number, 20, 35 + number, 110)))
    return np.ascontiguousarray(picture[:, :, ::-1])


def test_a_cut_video_is_reported_every_time(inferencer, video, tmp_path):
    cut = tmp_path / "cut.avi"
    content = Path(video).read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    place = tmp_path / "people.gallery"
    for _ in range(3):
        with Gallery.open(place) as gallery:
            report = update_gallery(inferencer, gallery, str(cut))
        assert "cut.avi" in str(report), str(report)
    assert report.skipped == 1 and report.images == 0
    cut.write_bytes(content)  # copied again
    with Gallery.open(place) as gallery:
        assert not update_gallery(inferencer, gallery, str(cut)).unreadable
        assert not update_gallery(inferencer, gallery, str(cut)).unreadable

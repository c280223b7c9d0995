"""Tracks of a video, made in the background."""

import pytest

from mmpsearch.app.following import follow_source
from mmpsearch.app.jobs import Job, StoppedError
from mmpsearch.app.labels import key_of
from mmpsearch.app.service import SearchService
from mmpsearch.errors import InputError

from .conftest import BLUE, RED, ROW, save_video

pytest.importorskip("lap", reason="ByteTrack needs lap")


@pytest.fixture
def video(photos):
    return save_video(photos / "hall.webm", (RED, ROW[0]), (BLUE, ROW[2]))


@pytest.fixture
def follower(service, tmp_path):
    """The same page with a folder of tracks that is not there yet."""
    made = SearchService(
        service.inferencer,
        service.gallery,
        service.media,
        tmp_path / "other state",
        tracks=tmp_path / "tracks",
    )
    yield made
    made.jobs.close()


def test_a_video_becomes_tracks(follower, video, tmp_path):
    assert follower.labels.empty
    job = follower.jobs.wait(follower.follow(video, "ann", frame_step=2).number, 60)
    assert (job.state, job.user, job.share) == ("done", "ann", 1.0)
    assert job.text.startswith("10 frames, 20 boxes, 2 tracks")
    assert not follower.labels.empty
    rows = {key_of(row): row for row in follower.labels.rows()}
    assert set(rows) == {"hall/1@1", "hall/2@1"}
    assert (rows["hall/1@1"].last, rows["hall/1@1"].boxes) == (19, 10)
    with pytest.raises(InputError, match="hall: has tracks already"):
        follower.follow(video)


def test_what_cannot_be_followed(follower, service, photos):
    for path, step, words in (
        ("/etc/passwd", 1, "--media"),
        (str(photos), 1, "no video"),
        (str(photos / "a.png"), 1, "no video"),
        (str(photos / "gone.mp4"), 1, "no such file"),
        (str(photos / "a.png"), 0, "from 1"),
    ):
        with pytest.raises(InputError, match=words):
            follower.follow(path, frame_step=step)
    with pytest.raises(InputError, match="--tracks FOLDER"):
        service.follow(str(photos / "a.png"))


def test_what_is_stopped_leaves_nothing_and_can_begin_again(follower, video, tmp_path):
    given = (
        follower.inferencer,
        follower.labels,
        follower.media,
        follower.turns,
    )
    told = []

    def stop(share, text):
        told.append(text)
        if share > 0.4:
            raise StoppedError

    with pytest.raises(StoppedError):
        follow_source(Job(1, "follow", video), stop, *given)
    assert "people so far: hall.webm" in told[-1]
    assert not [*(tmp_path / "tracks").iterdir()]
    follow_source(Job(1, "follow", video), lambda *_: None, *given)
    assert len(follower.labels.rows()) == 2

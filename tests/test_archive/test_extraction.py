"""Extracting in one process: whole, in parts, broken off, with bad files."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpsearch.apis.tracks.byte_track import TrackOptions
from mmpsearch.archive import Archive
from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.engines.process import extract_here
from mmpsearch.errors import ArchiveError, InputError
from tests.test_apis.colour_model import GREEN, RED, scene
from tests.test_archive.videos import everybody, load, write_video, write_videos

pytest.importorskip("pyarrow", reason="archives are Parquet files")
ROOT = Path(__file__).parents[2]


def extract(sources, out, **fields):
    options = {"frame_step": 2, **fields.pop("options", {})}
    return extract_here(
        Job(sources, str(out), load, options=options, quiet=True, **fields)
    )


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_videos(tmp_path_factory.mktemp("videos") / "v", 4)


@pytest.fixture(scope="module")
def whole(videos, tmp_path_factory):
    return extract(str(videos), tmp_path_factory.mktemp("whole") / "archive")


def test_the_records_are_those_of_detect(whole, videos):
    found = load().detect(str(videos), frame_step=2)
    expected = sorted(
        (one.path, one.frame, *box.tolist())
        for one in found
        for box in np.asarray(one.boxes, np.float32)
    )
    assert [row[:6] for row in everybody(whole)] == expected
    assert len(expected) == 4 * 6 + 2 * 6  # six frames each, two in odd videos


def test_parts_of_a_video_are_the_whole(whole, videos, tmp_path):
    parts = extract(str(videos), tmp_path / "a", options={"segment_frames": 5})
    assert len(parts.units) == 12 and everybody(parts) == everybody(whole)


@pytest.mark.parametrize("rate", [{"fps": 3.0}, {"frame_step": 3}])
def test_parts_keep_the_beat(videos, tmp_path, rate):
    one = extract(str(videos), tmp_path / "a", options=rate)
    cut = extract(str(videos), tmp_path / "b", options={**rate, "segment_frames": 5})
    assert everybody(one) == everybody(cut) != []


def test_a_second_call_reads_nothing_again(whole, videos, monkeypatch):
    before = everybody(whole)
    monkeypatch.setattr("mmpsearch.archive.extraction.iter_file", None)
    again = extract(str(videos), whole.path)
    assert everybody(again) == before


def test_what_is_new_or_changed_is_extracted(tmp_path):
    videos = write_videos(tmp_path / "v", 2)
    first = everybody(extract(str(videos), tmp_path / "a"))
    write_video(videos / "video_000.avi", 1)
    write_video(videos / "video_002.avi", 2)
    archive = extract(str(videos), tmp_path / "a")
    assert (
        len(archive.units) == 3 and len(list((archive.path / "people").iterdir())) == 3
    )
    now = everybody(archive)
    changed = str(videos / "video_000.avi")
    assert [row for row in now if row[0] == changed] != [
        row for row in first if row[0] == changed
    ]
    assert now == everybody(extract(str(videos), tmp_path / "b"))


def test_a_bad_video_fails_alone(tmp_path, videos):
    bad = write_videos(tmp_path / "v", 3)
    (bad / "video_001.avi").write_bytes(b"no video")
    archive = extract(str(bad), tmp_path / "a")
    (failed,) = archive.in_state("failed")
    assert failed.paths[0].endswith("video_001.avi")
    assert "not a video" in archive.failure(failed)
    assert len(archive.in_state("done")) == 2
    write_video(bad / "video_001.avi", 1)  # mended: another file, so it is tried
    assert not extract(str(bad), tmp_path / "a").in_state("failed")


def test_a_cut_video_keeps_what_can_be_read(tmp_path):
    videos = write_videos(tmp_path / "v", 1, frames=40)
    file = videos / "video_000.avi"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    archive = extract(str(videos), tmp_path / "a")
    (unit,) = archive.in_state("done")
    about = archive.about(unit)
    assert 0 < about["pictures"] < 20 and about["people"] == about["pictures"]
    assert "breaks off" in about["unreadable"][0][1]


def test_pictures_are_extracted_together(tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    for number in range(5):
        picture = scene((RED, (10 + number, 10, 50, 100)))
        cv2.imwrite(str(folder / f"{number}.png"), picture[:, :, ::-1])
    (folder / "bad.png").write_bytes(b"no picture")
    archive = extract(str(folder), tmp_path / "a")
    (unit,) = archive.units.values()
    assert len(everybody(archive)) == 5
    assert [Path(path).name for path, _ in archive.about(unit)["unreadable"]] == [
        "bad.png"
    ]
    cv2.imwrite(str(folder / "7.png"), scene((GREEN, (10, 10, 50, 100))))
    assert len(extract(str(folder), tmp_path / "a").units) == 2


def test_tracks_in_place_of_sightings(videos, tmp_path):
    archive = extract(
        str(videos), tmp_path / "a", tracks=TrackOptions(max_views=1), options={}
    )
    rows = everybody(archive)
    assert len(rows) == 6  # four walkers, two who stand
    assert all(row[-2] >= 0 for row in rows)


def test_another_model_or_settings_are_refused(whole, videos):
    with pytest.raises(ArchiveError, match="frame_step=2, not 3"):
        extract(str(videos), whole.path, options={"frame_step": 3})
    archive = Archive(whole.path)
    stranger = type(archive.fingerprint)("c", "d", "e" * 64)
    with pytest.raises(ArchiveError, match="another folder"):
        Job(str(videos), "", load).plan(archive, stranger, 0.5)


def test_a_folder_of_something_else_is_refused(tmp_path, videos):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="holds no archive.json"):
        extract(str(videos), tmp_path)
    (tmp_path / "archive.json").write_text("{")
    with pytest.raises(ArchiveError, match="damaged"):
        extract(str(videos), tmp_path)


def test_two_at_a_time_are_refused(tmp_path, videos):
    archive = Archive(tmp_path / "a")
    with archive.lock(), pytest.raises(ArchiveError, match="another process"):
        extract(str(videos), archive.path)


def test_streams_are_refused(tmp_path):
    with pytest.raises(InputError, match="no archive"):
        extract("rtsp://10.0.0.1/live", tmp_path / "a")


def test_a_failure_that_is_not_the_files_stops_everything(videos, tmp_path):
    def broken():
        inferencer = load()
        inferencer._find = lambda batch: 1 / 0
        return inferencer

    with pytest.raises(ArchiveError, match="ZeroDivisionError"):
        extract_here(Job(str(videos), str(tmp_path / "a"), broken, quiet=True))
    archive = Archive(tmp_path / "a")
    assert len(archive.in_state("pending")) == 4
    assert len(everybody(extract(str(videos), tmp_path / "b"))) == 36


def test_what_a_process_did_not_survive_comes_last(whole, videos, tmp_path):
    archive = Archive(tmp_path / "a")
    inferencer = load()
    Job(str(videos), "", load).plan(archive, inferencer.fingerprint, 0.5)
    first = archive.pending()[0]
    archive.begin(first)
    assert archive.pending()[-1] is first and archive.attempts(first) == 1


KILLED = """
import sys, time
from tests.test_archive.videos import load
from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.engines.process import extract_here
import mmpsearch.archive.extraction as module
real, left = module.iter_file, int(sys.argv[3])
def halting(*args):
    global left
    for image in real(*args):
        if left == 0:
            print("halted", flush=True)
            time.sleep(600)
        left -= 1
        yield image
module.iter_file = halting
extract_here(Job(sys.argv[1], sys.argv[2], load, options={"frame_step": 2}, quiet=True))
"""


@pytest.mark.parametrize("frames", [6, 9, 20])  # of six in each of four videos
def test_killed_at_any_frame_it_goes_on(whole, videos, tmp_path, frames):
    out = tmp_path / "a"
    command = [sys.executable, "-c", KILLED, str(videos), str(out), str(frames)]
    environment = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"halted\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(Archive(out).in_state("done")) == frames // 6
    assert everybody(extract(str(videos), out)) == everybody(whole)


def test_what_a_kill_leaves_of_a_first_plan_is_no_obstacle(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / ".archive.1a2b.tmp.json").write_text('{"format": 1, "finger')
    assert Archive(tmp_path).units == {}

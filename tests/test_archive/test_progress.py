"""The state of an extraction, by a clock that is told the time."""

import itertools
import json
from types import SimpleNamespace

import pytest

from mmpsearch.archive import Archive
from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.engines.process import extract_here
from mmpsearch.archive.extraction import Worker
from mmpsearch.archive.progress import Progress
from tests.test_archive.videos import load, write_videos

pytest.importorskip("pyarrow", reason="archives are Parquet files")


@pytest.fixture
def clock(monkeypatch):
    """Seconds that it shows."""
    shown = SimpleNamespace(now=100.0)
    fake = SimpleNamespace(monotonic=lambda: shown.now)
    monkeypatch.setattr("mmpsearch.archive.progress.time", fake)
    return shown


def test_what_the_file_holds_after_each_unit(tmp_path, clock, capsys):
    job = Job(str(write_videos(tmp_path / "v", 4)), "", load)
    archive, inferencer = Archive(tmp_path / "a"), load()
    job.plan(archive, inferencer.fingerprint, inferencer.score_threshold)
    worker = Worker(archive, inferencer, None)

    def state():
        return json.loads((tmp_path / "a/progress.json").read_text())

    with Progress(archive) as progress:
        two, *_, one = archive.pending()  # the largest file is first
        assert state() == {
            "done": 0,
            "failed": 0,
            "pending": 4,
            "seconds": 0,
            "units_per_second": 0,
            "people_per_second": 0,
            "seconds_left": None,
        }
        done = worker.run(two)  # 12 frames of two people
        clock.now += 8
        progress.tell(done)
        assert state() == {
            "done": 1,
            "failed": 0,
            "pending": 3,
            "seconds": 8,
            "units_per_second": 0.125,
            "people_per_second": 3,
            "seconds_left": 24,
        }
        done = worker.run(one)
        clock.now += 1
        progress.tell(done)
        assert state()["done"] == 1  # written at most every two seconds
        clock.now += 7
    assert state() == {
        "done": 2,
        "failed": 0,
        "pending": 2,
        "seconds": 16,
        "units_per_second": 0.125,
        "people_per_second": 2.25,
        "seconds_left": 16,
    }
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "2 of 4 units, 2.2 people/s, 0 failed"


def test_an_extraction_tells_its_progress(tmp_path, monkeypatch):
    """Every look at the clock is half a second after the one before."""
    fake = SimpleNamespace(monotonic=itertools.count(0, 0.5).__next__)
    monkeypatch.setattr("mmpsearch.archive.progress.time", fake)
    videos = str(write_videos(tmp_path / "v", 4))
    extract_here(Job(videos, str(tmp_path / "a"), load, options={"frame_step": 2}))
    state = json.loads((tmp_path / "a/progress.json").read_text())
    assert (state["done"], state["failed"], state["pending"]) == (4, 0, 0)
    assert state["people_per_second"] == round(36 / state["seconds"], 3)

"""Two hundred videos by each engine, killed five times: the records of one unbroken.

The seconds are printed; `pytest -s` shows them.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mmpsearch.archive import Archive
from tests.test_archive.videos import everybody, write_videos

pytest.importorskip("pyarrow", reason="archives are Parquet files")
psutil = pytest.importorskip("psutil", reason="Ray brings it")
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
VIDEOS, KILLS = 200, 5
START = {
    "process": [],
    "ranks": ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"],
    "ray": [],
}


def start(engine, videos, out):
    command = [sys.executable, *START[engine], "-m", "tests.test_archive.extracting"]
    environment = dict(
        os.environ,
        PYTHONPATH=str(ROOT),
        OMP_NUM_THREADS="1",
        CUDA_VISIBLE_DEVICES="",
        RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0",
    )
    return subprocess.Popen(
        [*command, engine, str(videos), str(out)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def kill_all(process):
    """The process and whatever it started, at once."""
    family = [psutil.Process(process.pid)]
    family += family[0].children(recursive=True)
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()
    psutil.wait_procs(family)


def done(out):
    """Files of units that are done."""
    people = out / "people"
    names = [file for file in people.glob("[!.]*")] if people.is_dir() else []
    return {file.name: file.stat().st_mtime_ns for file in names}


def finish(process, out):
    """Seconds from the first unit on, without the start of Python and of the model."""
    before, begun = len(done(out)), None
    while process.poll() is None:
        if begun is None and len(done(out)) > before:
            begun = time.monotonic()
        time.sleep(0.01)
    assert process.returncode == 0
    return time.monotonic() - (begun or time.monotonic())


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_videos(tmp_path_factory.mktemp("videos") / "v", VIDEOS)


@pytest.fixture(scope="module")
def whole(videos, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "archive"
    seconds = finish(start("process", videos, out), out)
    archive = Archive(out)
    assert len(archive.in_state("done")) == VIDEOS
    return everybody(archive), seconds


@pytest.mark.parametrize("engine", START)
def test_killed_five_times(videos, whole, tmp_path, engine):
    if engine == "ray":
        pytest.importorskip("ray", reason="Ray is an extra")
    expected, alone = whole
    seconds = finish(start(engine, videos, tmp_path / "timed"), tmp_path / "timed")
    assert everybody(Archive(tmp_path / "timed")) == expected
    out, draw, earlier = tmp_path / "killed", random.Random(engine), {}
    for _ in range(KILLS):
        process = start(engine, videos, out)
        wanted = len(earlier) + draw.randint(1, VIDEOS // (KILLS + 2))
        while len(done(out)) < wanted:  # then somewhere within a unit
            assert process.poll() is None
            time.sleep(0.002)
        time.sleep(draw.uniform(0, 0.05))
        kill_all(process)
        now = done(out)
        assert all(now[name] == written for name, written in earlier.items())
        assert wanted <= len(now) < VIDEOS
        earlier = now
    finish(start(engine, videos, out), out)
    now = done(out)
    assert all(now[name] == written for name, written in earlier.items())
    assert everybody(Archive(out)) == expected
    print(
        f"\n{engine}: {VIDEOS} videos, {len(expected)} people, {seconds:.1f} s, one "
        f"process {alone:.1f} s; killed after {len(earlier)} or fewer, {KILLS} times"
    )

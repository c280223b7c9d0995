"""Ranks and Ray extract what one process does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmpsearch.apis.sources.cameras import Camera
from mmpsearch.archive import Archive
from mmpsearch.archive.engines.job import Job
from mmpsearch.archive.engines.process import extract_here
from mmpsearch.archive.engines.ranks import deal, extract_on_ranks
from mmpsearch.archive.units import Unit
from mmpsearch.gallery.store import FileState
from tests.distributed import run_two_ranks
from tests.test_archive.videos import everybody, load, write_videos

pytest.importorskip("pyarrow", reason="archives are Parquet files")
ROOT = Path(__file__).parents[2]


def job(sources, out):
    return Job(str(sources), str(out), load, options={"frame_step": 2}, quiet=True)


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = write_videos(tmp_path_factory.mktemp("videos") / "v", 5)
    (folder / "video_900.avi").write_bytes(b"poison")
    return folder


@pytest.fixture(scope="module")
def whole(videos, tmp_path_factory):
    return extract_here(job(videos, tmp_path_factory.mktemp("whole") / "a"))


def unit(size):
    return Unit((f"/{size}",), (FileState(size, 0),), Camera(""))


def test_shares_are_even():
    hands = deal([unit(size) for size in (7, 6, 5, 4, 3)], 2)
    # 7 | 6, then 5 to the second, 4 to the first, 3 to either
    assert sorted(sum(one.size for one in hand) for hand in hands) == [11, 14]
    assert deal([], 3) == [[], [], []]


def extract_on_rank(rank, sources, out):
    archive = extract_on_ranks(job(sources, out))
    return len(list((archive.path / "people").glob("[!.]*")))


def test_ranks(whole, videos, tmp_path):
    assert run_two_ranks(extract_on_rank, str(videos), str(tmp_path / "a")) == [5, 5]
    archive = Archive(tmp_path / "a")
    assert everybody(archive) == everybody(whole)
    assert len(archive.in_state("failed")) == 1


def test_ranks_want_a_launcher():
    command = [sys.executable, "tools/extract_people.py", ".", "--out", "x"]
    command += ["--engine", "ranks", "--model", "yolox-nano+retail-0287"]
    environment = {
        k: v for k, v in os.environ.items() if k not in ("RANK", "WORLD_SIZE")
    }
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=dict(environment, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "torchrun" in done.stderr.splitlines()[-1]


class Deadly:
    """Loads what ends its process on the video with green people; picklable."""

    def __call__(self):
        inferencer = load()
        find = inferencer._find

        def deadly(batch):
            if any(image.path.endswith("video_001.avi") for image in batch):
                os._exit(1)
            return find(batch)

        inferencer._find = deadly
        return inferencer


@pytest.fixture
def ray(monkeypatch):
    ray = pytest.importorskip("ray", reason="Ray is an extra")
    if " " in sys.executable:
        pytest.skip("Ray starts no worker by a Python whose path has a space")
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="error",
        runtime_env={"env_vars": {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}},
    )
    yield ray
    ray.shutdown()


def test_ray(whole, videos, tmp_path, ray):
    from mmpsearch.archive.engines.ray_cluster import extract_on_ray

    archive = extract_on_ray(job(videos, tmp_path / "a"))
    assert everybody(archive) == everybody(whole)
    (failed,) = archive.in_state("failed")
    assert failed.paths[0].endswith("video_900.avi")
    deadly = job(videos, tmp_path / "b")
    deadly.load = Deadly()
    archive = extract_on_ray(deadly)
    reasons = {
        Path(u.paths[0]).name: archive.failure(u) for u in archive.in_state("failed")
    }
    assert set(reasons) == {"video_001.avi", "video_900.avi"}
    assert "ended the process" in reasons["video_001.avi"]
    rest = [row for row in everybody(whole) if not row[0].endswith("video_001.avi")]
    assert everybody(archive) == rest

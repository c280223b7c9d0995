"""README's search by name, in a process of its own, with a mirror on loopback.

Runs where ``MMPSEARCH_REAL_DATA`` names a folder with ``weights/`` and ``videos/``, see
``test_real_people.py``.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loopback import serve

DATA = os.environ.get("MMPSEARCH_REAL_DATA")
pytestmark = pytest.mark.skipif(not DATA, reason="MMPSEARCH_REAL_DATA is not set")
MODEL = "yolox-nano+retail-0287"
FILES = ("yolox_nano.onnx",) + tuple(
    f"person-reidentification-retail-0287.{suffix}" for suffix in ("xml", "bin")
)
VIDEO = "one-by-one-person-detection.mp4"
QUERY = f"--query video.mp4 --query-frame 520 --box 392 5 557 407 --model {MODEL}"


@pytest.fixture(scope="module")
def mirror():
    """Detector, embedder and a video, all in one folder of a server."""
    with serve() as publisher:
        for name in FILES:
            content = (Path(DATA) / "weights" / name).read_bytes()
            publisher.offer(f"/people/{name}", content)
        video = (Path(DATA) / "videos" / VIDEO).read_bytes()
        publisher.offer(f"/people/{VIDEO}", video)
        yield publisher


def run(arguments, mirror, folder):
    """`mmpsearch ARGUMENTS` as a user calls it, with no download before."""
    root = str(Path(__file__).parents[2])
    paths = filter(None, (root, os.environ.get("PYTHONPATH")))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "MMPSEARCH_HOME": str(folder / "home"),
        "MMPSEARCH_MIRROR": f"{mirror.address}/people",
    }
    return subprocess.run(
        [sys.executable, "-m", "mmpsearch", *arguments.split()],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_the_woman_who_walks_alone_is_found_by_names_alone(mirror, tmp_path):
    pytest.importorskip("onnxruntime", reason="the extra 'onnx'")
    pytest.importorskip("openvino", reason="the extra 'openvino'")
    sample = run("sample one-by-one", mirror, tmp_path)
    assert sample.returncode == 0, sample.stderr
    video = Path(sample.stdout.strip())
    assert video.read_bytes() == (Path(DATA) / "videos" / VIDEO).read_bytes()
    (tmp_path / "video.mp4").symlink_to(video)
    search = f"search {QUERY} --gallery video.mp4 --frame-step 20 --top-k 8"
    found = run(search, mirror, tmp_path)
    assert found.returncode == 0, found.stderr
    answer = json.loads((tmp_path / "ranked" / "ranked.json").read_text())
    matches = answer["matches"]
    # she is there from second 51 to 69: every frame of hers, before anybody else
    assert sorted(match["time"] for match in matches) == [
        54,
        56,
        58,
        60,
        62,
        64,
        66,
        68,
    ]
    assert matches[-1]["similarity"] > 0.8
    assert (tmp_path / "ranked" / "ranked.jpg").stat().st_size > 10_000
    assert (tmp_path / "ranked" / "ranked.html").is_file()
    fetched = {path.rpartition("/")[2] for _, path, _ in mirror.asked}
    assert fetched == {*FILES, VIDEO}
    before = len(mirror.asked)
    again = run(f"download {MODEL}", mirror, tmp_path)
    assert again.returncode == 0 and len(mirror.asked) == before  # all is here


def test_a_file_that_is_another_is_refused(mirror, tmp_path):
    name = "/people/person-reidentification-retail-0287.bin"
    content = mirror.files[name]
    mirror.files[name] = content[:-1] + bytes([content[-1] ^ 1])
    try:
        found = run("download retail-0287", mirror, tmp_path)
    finally:
        mirror.files[name] = content
    assert found.returncode == 2
    assert "sha384" in found.stderr and "Traceback" not in found.stderr

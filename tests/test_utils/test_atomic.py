import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmpsearch.utils.atomic import replace_when_done


def test_the_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with replace_when_done(path) as temporary:
        temporary.write_text("first")
        assert not path.exists() and temporary.suffix == ".txt"
    assert path.read_text() == "first"
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_failure_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        with replace_when_done(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_takes_no_files_is_named_with_the_file():
    with pytest.raises(FileNotFoundError) as caught, replace_when_done("/proc/x.onnx"):
        pass
    assert caught.value.filename == "/proc/x.onnx"


FULL_DISK = """
import json, resource, signal, sys, zipfile
import numpy as np, torch
from PIL import Image
from mmpsearch.models.converters.files import convert_file
from mmpsearch.utils.atomic import replace_when_done
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = sys.argv[1]
weights = {"w": torch.randn(100_000)}
torch.save({"state_dict": weights}, f"{folder}/source")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
pixels = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
writers = {
    "a.pth": lambda path: torch.save(weights, path),
    "a.npz": lambda path: np.savez(path, a=pixels),
    "a.png": lambda path: Image.fromarray(pixels).save(path),
    "a.txt": lambda path: path.write_text("x" * 200_000),
    "a.zip": lambda path: zipfile.ZipFile(path, "w").writestr("a", bytes(200_000)),
}
said = {}
for name, write in writers.items():
    try:
        with replace_when_done(f"{folder}/{name}") as temporary:
            write(temporary)
    except OSError as error:
        said[name] = error.filename
try:
    convert_file(f"{folder}/source", f"{folder}/b.pth", lambda found: (weights, ""))
except OSError as error:
    said["b.pth"] = error.filename
print(json.dumps(said))
"""


def test_a_full_disk_is_said_whatever_the_writer_makes_of_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    names = ("a.pth", "a.npz", "a.png", "a.txt", "a.zip", "b.pth")
    assert said == {name: str(tmp_path / name) for name in names}
    assert [file.name for file in tmp_path.iterdir()] == ["source"]


def test_the_content_is_on_the_disk_before_the_name(tmp_path, monkeypatch):
    order = []
    real = {"fsync": os.fsync, "replace": os.replace}

    def noted(name):
        def call(*arguments):
            order.append(name)
            return real[name](*arguments)

        return call

    for name in real:
        monkeypatch.setattr(os, name, noted(name))
    with replace_when_done(tmp_path / "a") as temporary:
        temporary.write_text("x")
    assert order == ["fsync", "replace", "fsync"]  # the file, its name, the folder
    order.clear()
    with replace_when_done(tmp_path / "a", durable=False) as temporary:
        temporary.write_text("x")
    assert order == ["replace"]

"""The wheel and the source archive hold what a user needs."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("mmpsearch", "configs", "tools", "demo", "requirements")
FILES = (
    "LICENSE",
    "MANIFEST.in",
    "README.md",
    "model-index.yml",
    "pyproject.toml",
    "setup.py",
)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """Built in a copy: building leaves files beside its sources."""
    copy, target = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("dist")
    for part in PARTS:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, copy / part, ignore=ignore)
    for file in FILES:
        shutil.copy(ROOT / file, copy)
    # the wheel is built from the source archive
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, copy],
        check=True,
        capture_output=True,
    )
    (wheel,), (sdist,) = target.glob("*.whl"), target.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as file:
        in_wheel = {name: file.read(name) for name in file.namelist()}
    with tarfile.open(sdist) as file:
        in_sdist = {name.split("/", 1)[-1] for name in file.getnames()}
    return in_wheel, in_sdist


def _sources(*parts):
    return {
        path.relative_to(ROOT)
        for part in parts
        for path in (ROOT / part).rglob("*")
        if path.is_file() and not {"__pycache__", ".mim"} & set(path.parts)
    }


def test_the_wheel_has_the_package_and_mim_folders(archives):
    in_wheel, _ = archives
    for path in _sources("mmpsearch"):
        assert path.as_posix() in in_wheel
    for path in _sources("configs", "tools", "demo"):
        assert in_wheel[f"mmpsearch/.mim/{path.as_posix()}"] == path.read_bytes()
    assert not any(name.startswith("tests/") for name in in_wheel)


def test_the_sdist_has_what_the_wheel_is_made_of(archives):
    _, in_sdist = archives
    for path in _sources(*PARTS):
        assert path.as_posix() in in_sdist
    assert set(FILES) <= in_sdist


def test_metadata(archives):
    in_wheel, _ = archives
    (name,) = (name for name in in_wheel if name.endswith("/METADATA"))
    lines = in_wheel[name].decode().splitlines()
    assert "Name: mmpsearch" in lines
    assert "Requires-Python: >=3.10" in lines
    assert "Requires-Dist: torch>=2.4" in lines
    for extra in ("index", "cluster", "export", "onnx", "openvino", "demo", "dev"):
        assert f"Provides-Extra: {extra}" in lines
    licences = [line for line in lines if line.startswith("License")]
    assert any("Apache-2.0" in line for line in licences)

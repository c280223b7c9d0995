"""The wheel and the source archive hold what a user needs."""

import os
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
    installed = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--no-index", "--disable-pip-version-check", "--target", installed),
            wheel,
        ],
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(wheel) as file:
        in_wheel = {name: file.read(name) for name in file.namelist()}
    with tarfile.open(sdist) as file:
        in_sdist = {name.split("/", 1)[-1] for name in file.getnames()}
    return in_wheel, in_sdist, installed


def _sources(*parts):
    return {
        path.relative_to(ROOT)
        for part in parts
        for path in (ROOT / part).rglob("*")
        if path.is_file() and not {"__pycache__", ".mim"} & set(path.parts)
    }


def test_the_wheel_has_the_package_and_mim_folders(archives):
    in_wheel, *_ = archives
    for path in _sources("mmpsearch"):
        assert path.as_posix() in in_wheel
    for path in _sources("configs", "tools", "demo"):
        assert in_wheel[f"mmpsearch/.mim/{path.as_posix()}"] == path.read_bytes()
    assert "mmpsearch/py.typed" in in_wheel  # its type hints may be read
    assert not any(name.startswith("tests/") for name in in_wheel)


def test_the_sdist_has_what_the_wheel_is_made_of(archives):
    _, in_sdist, _ = archives
    for path in _sources(*PARTS):
        assert path.as_posix() in in_sdist
    assert set(FILES) <= in_sdist


def test_metadata(archives):
    in_wheel, *_ = archives
    (name,) = (name for name in in_wheel if name.endswith("/METADATA"))
    lines = in_wheel[name].decode().splitlines()
    assert "Name: mmpsearch" in lines
    assert "Requires-Python: >=3.10" in lines
    assert "Requires-Dist: torch>=2.4" in lines
    for extra in ("index", "cluster", "export", "onnx", "openvino", "demo", "dev"):
        assert f"Provides-Extra: {extra}" in lines
    licences = [line for line in lines if line.startswith("License")]
    assert any("Apache-2.0" in line for line in licences)


FROM_THE_WHEEL = """
import contextlib, io, sys
import mmpsearch
from mmengine.config import Config
from mmengine.hub import get_config
from mmpsearch import get_model, list_models
from mmpsearch.cli.main import main

assert mmpsearch.__file__.startswith(sys.argv[1]), mmpsearch.__file__
names = list_models()
assert {"yolox-nano", "gfn_convnext-b_prw", "swin_base_solider"} < set(names)
assert "bot_r50_market1501" in list_models(task="re-id")
for words, wanted in (
    ("models", "person-reidentification-retail-0287"),
    ("models yolox-nano", "Apache-2.0"),
    ("search --help", "--scene-filter"),
):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main(words.split())
    assert wanted in out.getvalue(), (words, out.getvalue()[-500:])
with open("own.py", "w") as file:
    file.write("_base_ = 'mmpsearch::gfn/gfn-tiny_r18_synthetic.py'")
assert Config.fromfile("own.py").model.type == "mmpsearch.GFN"
config = get_config("mmpsearch::gfn/gfn_r50_prw.py")
assert config.filename.startswith(sys.argv[1]), config.filename
model = get_model("osnet_x0-25_market1501", pretrained=False, device="cpu")
assert sum(p.numel() for p in model.parameters()) > 100_000
print("all from the wheel")
"""


def test_an_installed_wheel_has_catalogue_configs_and_commands(archives, tmp_path):
    """In an empty folder, with nothing of the repository on the path."""
    *_, installed = archives
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONPATH"
    } | {"PYTHONPATH": str(installed), "MMPSEARCH_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", FROM_THE_WHEEL, str(installed)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("all from the wheel")
    assert not (tmp_path / "home").exists()  # nothing was downloaded

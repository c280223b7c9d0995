"""The pictures of patches, from a small pre-training of ours and rendered crops."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest
import torch

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from tests.test_models.test_selfsup.small import small_model

ROOT = Path(__file__).parents[3]
TOOLS = "tools/analysis_tools"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Folder with crops and a checkpoint."""
    root = tmp_path_factory.mktemp("patches")
    options = make_crop_options(
        "luperson", identities=3, crops_per_identity=2, width=24, height=48
    )
    make_synthetic_crops(options, root / "crops")
    torch.save(dict(state_dict=small_model().state_dict()), root / "weights.pth")
    return root


@pytest.fixture
def run(monkeypatch, capsys):
    """``run(script, *arguments)`` in this process: exit code, output, errors."""

    def call(script, *arguments):
        monkeypatch.setattr("sys.argv", [script, *map(str, arguments)])
        monkeypatch.syspath_prepend(str(ROOT / script.rpartition("/")[0]))
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / script), run_name="__main__")
        printed = capsys.readouterr()
        return SimpleNamespace(
            returncode=end.value.code, stdout=printed.out, stderr=printed.err
        )

    return call


def shape(path):
    return cv2.imread(str(path)).shape


def test_clusters(made, run, tmp_path):
    out = tmp_path / "clusters.png"
    options = ["--heads", 3, "--clusters", 2, "--members", 3]
    done = run(
        f"{TOOLS}/patch_clusters.py",
        made / "weights.pth",
        made / "crops",
        "--out",
        out,
        *options,
    )
    assert done.returncode == 0, done.stderr
    assert shape(out)[1] == 3 * 84 + 4 and "patches, probability" in done.stdout


def test_attention(made, run, tmp_path):
    options = ["--heads", 3, "--number", 2, "--mass", 0.6]
    done = run(
        f"{TOOLS}/attention_maps.py",
        made / "weights.pth",
        made / "crops",
        "--out",
        tmp_path,
        *options,
    )
    assert done.returncode == 0, done.stderr
    files = list(tmp_path.glob("*.png"))
    assert len(files) == 2 and shape(files[0]) == (128, 5 * 32, 3)


def test_correspondence(made, run, tmp_path):
    first, second, *_ = sorted((made / "crops" / "images").glob("*.jpg"))
    out = tmp_path / "matches.png"
    done = run(
        f"{TOOLS}/sparse_correspondence.py",
        made / "weights.pth",
        first,
        second,
        *["--out", out, "--heads", 3, "--number", 4],
    )
    assert done.returncode == 0, done.stderr
    assert shape(out) == (512, 2 * 256 + 40, 3)


def test_what_is_missing_is_said(made, run, tmp_path):
    arguments = (made / "weights.pth", made / "crops", "--out", tmp_path / "x.png")
    done = run(f"{TOOLS}/patch_clusters.py", *arguments)
    assert done.returncode == 2 and "(--heads)" in done.stderr
    assert "Traceback" not in done.stderr
    done = run(f"{TOOLS}/attention_maps.py", *arguments, "--heads", 5)
    assert done.returncode == 2 and "5 attention heads do not" in done.stderr
    nowhere = (arguments[0], "nowhere", *arguments[2:], "--heads", 3)
    done = run(f"{TOOLS}/attention_maps.py", *nowhere)
    assert done.returncode == 2 and "read nowhere: there is no such" in done.stderr


@pytest.mark.parametrize(
    "script, out", [("patch_clusters", "x.png"), ("attention_maps", "")]
)
def test_a_broken_picture_is_left_out(made, run, tmp_path, script, out):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    pictures = (broken, made / "crops")
    options = ("--out", tmp_path / "out" / out, "--heads", 3)
    done = run(f"{TOOLS}/{script}.py", made / "weights.pth", *pictures, *options)
    assert done.returncode == 0, done.stderr
    assert "1 file could not be read" in done.stderr and str(broken) in done.stderr
    assert list((tmp_path / "out").glob("*.png"))


def test_places_to_write_to_are_looked_at_first(made, run):
    taken = made / "weights.pth"
    for script, out, message in (
        ("patch_clusters.py", "clusters", "clusters: the name must end with .png"),
        ("sparse_correspondence.py", "a.txt", "a.txt: the name must end with .png"),
        ("attention_maps.py", taken, "weights.pth: is a file, not a folder"),
    ):
        done = run(f"{TOOLS}/{script}", "gone.pth", "a", "b", "--out", out)
        assert done.returncode == 2 and message in done.stderr.splitlines()[-1]

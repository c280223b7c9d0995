"""t-SNE and matches across modalities, on a few rendered people."""

import importlib.util
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmpsearch.apis import InputError
from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.errors import CheckpointError, ConfigError

TOOLS = Path(__file__).parents[3] / "tools/analysis_tools"
CONFIG = Path(__file__).parents[3] / "configs/mmgl/agw_r18-tiny_synthetic.py"


def load(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tsne, matches = load("draw_tsne"), load("cross_modality_matches")


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    root = tmp_path_factory.mktemp("rendered")
    people = dict(identities=3, test_identities=3, crops_per_identity=6)
    options = make_crop_options("sysu_mm01", **people, width=16, height=32)
    make_synthetic_crops(options, root / "sysu")
    path = root / "config.py"
    path.write_text(
        f"_base_ = {str(CONFIG)!r}\n"
        f"test_dataloader = dict(dataset=dict(data_root={str(root / 'sysu')!r}))\n"
    )
    return path


def run(tool, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["tool", *map(str, arguments), "--device", "cpu"])
    return tool.main()


@pytest.fixture(scope="module")
def other_kind(tmp_path_factory):
    """A config whose test set has one modality."""
    root = tmp_path_factory.mktemp("one_modality")
    people = dict(identities=2, test_identities=2, crops_per_identity=4)
    options = make_crop_options("market1501", **people, width=16, height=32)
    make_synthetic_crops(options, root / "market")
    path = root / "other.py"
    path.write_text(
        "default_scope = 'mmpsearch'\n"
        "test_dataloader = dict(dataset=dict(type='mmpsearch.Market1501', "
        f"split='test', data_root={str(root / 'market')!r}))\n"
    )
    return path


@pytest.mark.parametrize("tool", [tsne, matches])
def test_mistakes_are_named(tool, other_kind, tmp_path, monkeypatch, capsys):
    with pytest.raises(InputError, match="other.py: its test set Market1501 does not"):
        run(tool, monkeypatch, other_kind, "--out", tmp_path / "x.png")
    bare = tmp_path / "bare.py"
    bare.write_text("test_dataloader = None\n")
    with pytest.raises(ConfigError, match="bare.py: test_dataloader: is missing"):
        run(tool, monkeypatch, bare, "--out", tmp_path / "x.png")
    with pytest.raises(SystemExit):  # before the config is looked at
        run(tool, monkeypatch, "gone.py", "--out", bare / "t.foo")
    assert "--out" in capsys.readouterr().err


def test_people_seen_in_both_modalities_are_chosen():
    people = np.array([5, 5, 5, 7, 7, 9, 9])
    modalities = np.array(["rgb", "rgb", "ir", "rgb", "rgb", "ir", "rgb"])
    items = tsne.choose_items(people, modalities, people=5, most=2, seed=0)
    assert set(people[items]) == {5, 9}
    assert np.bincount(people[items])[5] == 2 and sorted(items) == items.tolist()
    with pytest.raises(InputError, match="every modality"):
        tsne.choose_items(people[3:6], modalities[3:6], people=1, most=1, seed=0)


def test_modality_gap_by_hand():
    x = np.array([[1.0, 0], [-1, 0], [1, 6], [-1, 6]])
    assert tsne.modality_gap(x, np.array(["rgb", "rgb", "ir", "ir"])) == 6


def test_queries_do_not_see_the_camera_beside_them():
    seen = matches.galleries(np.array([2, 5]), np.array([0, 1, 1, 4]), {2: 1})
    assert [one.tolist() for one in seen] == [[0, 3], [0, 1, 2, 3]]


def test_plane_is_drawn(config, tmp_path, monkeypatch, capsys):
    pytest.importorskip("sklearn")
    out = tmp_path / "tsne.png"
    assert run(tsne, monkeypatch, config, "--out", out, "--people", 2) == 0
    assert cv2.imread(str(out)).shape == (900, 900, 3)
    assert "of 2 people" in capsys.readouterr().out


def test_matches_are_drawn(config, tmp_path, monkeypatch, capsys):
    arguments = (config, "--out", tmp_path, "--number", 2, "--top", 3)
    assert run(matches, monkeypatch, *arguments) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert {"ranked_1.jpg", "ranked_2.jpg", "ranked.html"} <= names
    assert "of 2 queries find their person first" in capsys.readouterr().out


class RunsCode:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_initial_weights_cannot_run_code(config, monkeypatch, tmp_path):
    torch.save(dict(state_dict=RunsCode(tmp_path / "ran")), tmp_path / "evil.pth")
    evil = tmp_path / "evil.py"
    weights = dict(type="Pretrained", checkpoint=str(tmp_path / "evil.pth"))
    evil.write_text(
        f"_base_ = {str(config)!r}\nmodel = dict(backbone=dict(init_cfg={weights}))\n"
    )
    with pytest.raises(CheckpointError, match="evil.pth: refused"):
        run(tsne, monkeypatch, evil, "--out", tmp_path / "t.png")
    assert not (tmp_path / "ran").exists()

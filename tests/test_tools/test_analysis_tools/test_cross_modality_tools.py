"""t-SNE and matches across modalities, on a few rendered people."""

import importlib.util
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmpsearch.apis import InputError
from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops

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

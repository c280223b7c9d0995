import csv
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmpsearch.apis.load_inferencer import load_embedder

ROOT = Path(__file__).parents[3]
EMBEDDER = str(ROOT / "configs/reid/bot/bot_r18_synth.py")
BOXES = {"a.png": [[5, 10, 25, 60, 0.75]], "b.png": [], "c.png": [[0, 0, 20, 50]] * 2}


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name in BOXES:
        pixels = random.integers(0, 255, (80, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    (folder / "broken.png").write_bytes(b"no picture")
    (tmp_path / "boxes.json").write_text(json.dumps(BOXES))
    return folder


@pytest.fixture
def run(monkeypatch, capsys):
    path = ROOT / "tools/analysis_tools/save_embeddings.py"
    spec = importlib.util.spec_from_file_location("save_embeddings", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def call(*arguments):
        try:
            module.main(list(map(str, arguments)))
        except SystemExit as end:
            return end.code, capsys.readouterr().err
        return 0, capsys.readouterr().out

    return call


def test_everybody_in_scenes_as_npy_and_csv(photos, run, tmp_path):
    model = ("--detector", photos.parent / "boxes.json", "--embedder", EMBEDDER)
    status, text = run(photos, "--out", tmp_path / "people.npy", *model)
    assert status == 0 and "1 file could not be read" in text, text
    embeddings = np.load(tmp_path / "people.npy")
    with open(tmp_path / "people.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert embeddings.shape[0] == len(rows) == 3 and embeddings.dtype == np.float32
    assert np.allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert [Path(row["path"]).name for row in rows] == ["a.png", "c.png", "c.png"]
    assert [float(rows[0][key]) for key in ("x1", "y1", "x2", "y2")] == [5, 10, 25, 60]
    assert float(rows[0]["score"]) == 0.75 and rows[0]["time"] == ""
    assert np.allclose(embeddings[1], embeddings[2])


def test_crops_as_parquet(photos, run, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="Parquet is optional")
    out = tmp_path / "crops.parquet"
    status, text = run(photos, "--crops", "--embedder", EMBEDDER, "--out", out)
    assert status == 0 and "3 embeddings of" in text, text
    table = parquet.read_table(out)
    assert table["x2"].to_pylist() == [60] * 3 and table["time"].null_count == 3
    saved = np.array(table["embedding"].to_pylist(), np.float32)
    images = [np.asarray(Image.open(photos / n))[:, :, ::-1] for n in sorted(BOXES)]
    assert saved.shape[0] == 3
    # Random weights differ from load to load; the norm and the order do not.
    assert np.allclose(np.linalg.norm(saved, axis=1), 1, atol=1e-5)
    assert saved.shape[1] == load_embedder(EMBEDDER)(images).shape[1]


def test_what_is_wrong_is_said_in_one_line(photos, run, tmp_path, monkeypatch):
    out = tmp_path / "x.npy"
    status, text = run(photos, "--crops", "--out", out)
    assert status == 2 and "--crops needs --embedder" in text
    status, text = run(
        photos / "broken.png", "--crops", "--embedder", EMBEDDER, "--out", out
    )
    assert status == 2 and "nobody was found" in text and not out.exists()
    status, text = run(photos, "--out", tmp_path / "x.txt")
    assert status == 2 and "must end with .npy or .parquet" in text
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    status, text = run(photos, "--out", tmp_path / "x.parquet")
    assert status == 2 and "pip install pyarrow" in text

"""The benchmark of exported models runs, and says that all found the same."""

import importlib.util
import json
import sys
from pathlib import Path

import cv2
import pytest
from mmengine.config import Config

from tests.test_apis.tiny_search import scene, write_search_model

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"
for library in ("onnx", "onnxruntime", "openvino"):
    pytest.importorskip(library, reason="the extras 'export' and 'openvino'")


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location(
        "export_speed", FOLDER / "export_speed.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for name in ("common", "spnet_speed", "faster_rcnn_search"):
        sys.modules.pop(name, None)


def test_one_json_line(module, monkeypatch, tmp_path, capsys):
    config, weights = write_search_model("SPNet", tmp_path)
    Config(config).dump(tmp_path / "c.py")
    cv2.imwrite(str(tmp_path / "p.png"), scene(96, 150))
    words = ["--config", tmp_path / "c.py", "--checkpoint", weights]
    words += ["--picture", tmp_path / "p.png", "--repeats", 2]
    monkeypatch.setattr(sys, "argv", ["export_speed.py", *map(str, words)])
    module.main()
    record = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert record["name"] == "export_speed" and record["equal"] is True
    assert record["ratio"] > 0 and record["size"] == [96, 150]
    rows = {row["engine"]: row for row in record["rows"]}
    assert list(rows) == ["pytorch", "pytorch_plain", "onnx", "openvino"]
    assert rows["pytorch"]["ratio"] == rows["pytorch_plain"]["ratio_to_plain"] == 1
    assert len({row["people"] for row in rows.values()}) == 1

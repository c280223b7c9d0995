"""The exporting tool compares its file with PyTorch, and its mistakes are one line."""

import runpy
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from tests.test_apis.tiny_search import write_search_model

TOOL = Path(__file__).parents[3] / "tools/export/export_search.py"
pytest.importorskip("onnx", reason="the extra 'export'")
pytest.importorskip("onnxruntime", reason="the extra 'onnx'")


def run(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", [str(TOOL), *map(str, words)])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(TOOL), run_name="__main__")
    return left.value.code


def test_writes_and_compares(monkeypatch, tmp_path, capsys):
    config, weights = write_search_model("SPNet", tmp_path)
    Config(config).dump(tmp_path / "c.py")
    target = tmp_path / "m.onnx"
    given = ("--config", tmp_path / "c.py", "--checkpoint", weights)
    assert run(monkeypatch, target, *given) == 0
    out = capsys.readouterr().out
    assert f"wrote {target}" in out
    assert float(out.rpartition(": ")[2]) < 1e-5
    assert run(monkeypatch, target, "--model", "no-such-model") == 2
    assert capsys.readouterr().err.count("\n") == 1
    eight_bits = ("--model", "spnet-tiny", "--precision", "int8")
    assert run(monkeypatch, tmp_path / "m.xml", *eight_bits) == 2
    assert "int8 needs --calibration" in capsys.readouterr().err

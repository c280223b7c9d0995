import importlib.util
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


def test_equal_to_mmdet_and_one_json_line(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location(
        "data_loading", FOLDER / "data_loading.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    small = [(*recipe[:3], 108, 192) for recipe in module.RECIPES]
    monkeypatch.setattr(module, "RECIPES", small)
    arguments = ["data_loading.py", "--images", "1", "--repeats", "1"]
    monkeypatch.setattr(sys, "argv", arguments)
    module.main()
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["name"] == "data_loading" and record["equal"] is True
    assert {name for name, *_ in module.RECIPES} <= set(record["images_per_second"])
    assert record["ratio"] > 0

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from mmpsearch.errors import ConfigError

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location(
        "data_loading", FOLDER / "data_loading.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_wrong_config_is_found_before_anything_is_timed(
    module, monkeypatch, tmp_path
):
    monkeypatch.setattr(module, "measure", None)
    monkeypatch.setattr(sys, "argv", ["data_loading.py", "--config", "gone.py"])
    with pytest.raises(ConfigError, match="config gone.py: there is no such file"):
        module.main()
    bare = tmp_path / "bare.py"
    bare.write_text("train_dataloader = None\n")
    monkeypatch.setattr(sys, "argv", ["data_loading.py", "--config", str(bare)])
    with pytest.raises(ConfigError, match="bare.py: train_dataloader: is missing"):
        module.main()


def test_equal_to_mmdet_and_one_json_line(module, monkeypatch, capsys):
    small = [(*recipe[:3], 108, 192) for recipe in module.RECIPES]
    monkeypatch.setattr(module, "RECIPES", small)
    arguments = ["data_loading.py", "--images", "1", "--repeats", "1"]
    monkeypatch.setattr(sys, "argv", arguments)
    module.main()
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["name"] == "data_loading" and record["equal"] is True
    assert {name for name, *_ in module.RECIPES} <= set(record["images_per_second"])
    assert record["ratio"] > 0

"""The colour-histogram tool on a dataset of the config."""

import json
import runpy
import sys
from pathlib import Path

import pytest
from mmengine.dataset import BaseDataset

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.registry import DATASETS
from tests.test_evaluation.test_baselines.test_colour_histogram import people_by_colour

SCRIPT = Path(__file__).parents[3] / "tools" / "analysis_tools" / "colour_histogram.py"


@pytest.fixture
def config(tmp_path):
    protocol, paths = people_by_colour(tmp_path)

    class ThreeScenes(BaseDataset):
        def __init__(self, with_protocol=True):
            metainfo = dict(protocol=protocol) if with_protocol else {}
            super().__init__(metainfo=metainfo)

        def load_data_list(self):
            return [dict(img_path=path) for path in paths]

    DATASETS.register_module(name="ThreeScenes", module=ThreeScenes, force=True)
    path = tmp_path / "config.py"
    path.write_text(
        "default_scope = 'mmpsearch'\n"
        "test_dataloader = dict(dataset=dict(type='mmpsearch.ThreeScenes'))\n"
    )
    yield path
    DATASETS.module_dict.pop("ThreeScenes")


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


def test_table_and_file(config, tmp_path, monkeypatch, capsys):
    out = tmp_path / "new" / "rows.json"
    run(monkeypatch, config, "--out", out)
    record = json.loads(out.read_text())
    assert len(record["rows"]) == 9
    assert record["best"] == record["rows"][0]
    assert record["best"]["mAP"] == 1
    printed = capsys.readouterr().out
    assert "6 stripes, raw" in printed and "best:" in printed


@pytest.mark.parametrize(
    "option, message",
    [
        ("test_dataloader.dataset.with_protocol=False", "no search protocol"),
        ("test_dataloader=None", "test_dataloader: is missing"),
        ("test_datalaoder.dataset.a=1", "did you mean 'test_dataloader'"),
    ],
)
def test_errors_are_one_line(config, monkeypatch, capsys, option, message):
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, config, "--cfg-options", option)
    assert stopped.value.code == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert message in error and "config.py" in error


def test_crops(tmp_path, monkeypatch, capsys):
    options = make_crop_options(
        "market1501", identities=2, test_identities=3, crops_per_identity=5
    )
    make_synthetic_crops(options, tmp_path / "market")
    config = tmp_path / "config.py"
    config.write_text(
        "default_scope = 'mmpsearch'\n"
        "test_dataloader = dict(dataset=dict(type='mmpsearch.Market1501', "
        f"split='test', data_root={str(tmp_path / 'market')!r}))\n"
    )
    run(monkeypatch, config, "--out", tmp_path / "rows.json")
    record = json.loads((tmp_path / "rows.json").read_text())
    assert record["protocol"] == "Market-1501" and len(record["rows"]) == 8
    assert record["rows"][-1]["name"] == "chance"
    assert record["best"]["mAP"] > record["rows"][-1]["mAP"]
    assert "grey layout" in capsys.readouterr().out

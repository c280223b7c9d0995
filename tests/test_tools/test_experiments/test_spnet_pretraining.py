"""Collecting results: values by hand."""

import importlib.util
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "tools" / "experiments"


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def metrics():
    return {"mAP": 0.5, "top1": 0.6, "det_ap": 0.7, "det_recall": 0.8}


def test_mean_and_spread(metrics):
    row = load("spnet_pretraining").summarise("x", [metrics, {**metrics, "mAP": 0.7}])
    assert row["mAP"] == [0.5, 0.7]
    assert row["mean"]["mAP"] == pytest.approx(0.6)
    assert row["std"]["mAP"] == pytest.approx(0.02**0.5)
    assert row["std"]["top1"] == 0


def test_last_validation_counts(tmp_path, metrics):
    module = load("spnet_pretraining")
    scalars = tmp_path / "20260101" / "vis_data" / "scalars.json"
    scalars.parent.mkdir(parents=True)
    lines = [{"loss": 1.0}, {**metrics, "mAP": 0.1}, metrics, {"loss": 0.5}]
    scalars.write_text("\n".join(json.dumps(line) for line in lines))
    assert module.last_metrics(tmp_path) == metrics
    with pytest.raises(FileNotFoundError, match="no test result"):
        module.last_metrics(tmp_path / "elsewhere")


def test_table_is_drawn_from_the_file(metrics):
    tables, summary = load("draw_tables"), load("spnet_pretraining").summarise
    results = {
        "rows": [
            summary("colour_histogram", [metrics]),
            summary("spnet_scratch", [metrics, {**metrics, "mAP": 0.7}]),
        ],
        "seeds": [0, 1],
        "command": "run",
        "commit": "abc",
        "machine": "a machine",
        "minutes": 3.2,
    }
    table = tables.draw(results)
    assert "| colour histogram on ground-truth boxes | 0.500 | 0.600 |" in table
    assert "| SPNet from scratch | 0.600 ± 0.141 |" in table
    page = tables.replace_block("a\n<!-- t -->old<!-- /t -->\nb", "t", table)
    assert page.startswith("a\n<!-- t -->\n| method") and page.endswith("\nb")
    assert tables.replace_block(page, "t", table) == page


def test_committed_tables_are_up_to_date(monkeypatch):
    module = load("draw_tables")
    monkeypatch.setattr("sys.argv", ["draw_tables.py", "--check"])
    assert module.main() == 0


def test_quick_start_report(tmp_path, metrics):
    module = load("quickstart_report")
    (tmp_path / "colour_histogram.json").write_text(json.dumps({"best": metrics}))
    for folder in ("scratch_test", "qc_test"):
        run = tmp_path / folder / "20260101_000000"
        run.mkdir(parents=True)
        (run / "20260101_000000.json").write_text(json.dumps(metrics))
    (tmp_path / "render.seconds").write_text("12\n")
    results = module.collect(tmp_path)
    names = [row["name"] for row in results["rows"]]
    assert names == ["colour_histogram", "spnet_scratch", "spnet_qc_pretrained"]
    assert results["rows"][1] == {"name": "spnet_scratch", **metrics}
    assert results["seconds"] == {"render": 12}

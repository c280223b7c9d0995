"""Reading of result files and of tests; the picture is written."""

import importlib.util
import json
from pathlib import Path

import pytest

from mmpsearch.errors import ConfigError

PATH = Path(__file__).parents[3] / "tools/analysis_tools/draw_spnet_figure.py"
SPEC = importlib.util.spec_from_file_location("draw_spnet_figure", PATH)
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


def write(path, *rows):
    path.write_text(json.dumps({"rows": rows}))
    return path


@pytest.fixture
def tests(tmp_path):
    """Two work folders of tools/test.py, the second with two tests."""
    for place, value in (
        ("a/20260101_000000/20260101_000000.json", 0.5),
        ("b/20260101_000000/20260101_000000.json", 0.1),
        ("b/20260102_000000/20260102_000000.json", 0.7),
    ):
        file = tmp_path / place
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"mAP": value, "top1": value, "time": 1.0}))
    (tmp_path / "b/20260102_000000/vis_data").mkdir()
    (tmp_path / "b/20260102_000000/vis_data/scalars.json").write_text("{}\n{}")
    return [str(tmp_path / "a"), str(tmp_path / "b")]


def test_values_of_rows_and_of_tests(tmp_path, tests):
    path = write(
        tmp_path / "r.json",
        {"name": "scratch", "series": "none", "mAP": [0.4], "top1": [0.6], "mean": {}},
        {"series": "qc", "x": 20, "tests": tests},
        {"series": "qc", "x": 60, "tests": [f"{tests[1]}/20260101_000000"]},
    )
    baseline, first, second = tool.read_points(path, ("mAP",))
    assert (baseline.series, baseline.x, baseline.values) == (
        "none",
        None,
        {"mAP": [0.4]},
    )
    assert (first.x, first.values) == (20, {"mAP": [0.5, 0.7]})
    assert second.values == {"mAP": [0.1]}


def test_the_picture_is_written(tmp_path):
    path = write(
        tmp_path / "r.json", {"series": "qc", "x": "PT", "mAP": [0.4], "top1": [0.6]}
    )
    out = tmp_path / "figure.png"
    tool.main(["8", str(path), str(path), "--out", str(out), "--metrics", "mAP"])
    assert out.read_bytes().startswith(b"\x89PNG")


def test_mistakes_are_named(tmp_path, tests):
    cases = {
        "has no 'series'": {"x": 1, "mAP": [0.1]},
        "row 0: has no values of 'mAP'": {"series": "qc", "x": 1},
        "row named: has no values": {"name": "named", "series": "a", "mAP": []},
        "there is no such file": {"series": "a", "x": 1, "tests": ["gone"]},
        "has no result of tools/test.py": {
            "series": "a",
            "tests": [f"{tests[1]}/20260102_000000/vis_data"],
        },
    }
    for message, row in cases.items():
        with pytest.raises(ConfigError, match=message):
            tool.read_points(write(tmp_path / "r.json", row), ("mAP",))
    (tmp_path / "r.json").write_text("[1]")
    with pytest.raises(ConfigError, match=r"r.json: is no result file"):
        tool.read_points(tmp_path / "r.json", ("mAP",))
    path = write(tmp_path / "r.json", {"series": "a", "mAP": [0.1], "top1": [0.1]})
    with pytest.raises(ConfigError, match="no row has an x"):
        tool.main(["7", str(path), "--out", str(tmp_path / "a.png")])

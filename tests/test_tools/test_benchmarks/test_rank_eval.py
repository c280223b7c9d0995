"""The re-identification benchmark at a tiny size."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.evaluation.functional import rank_metrics

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    yield runpy.run_path(str(FOLDER / "rank_eval.py"))
    sys.modules.pop("common", None)


def test_loop_equals_rank_metrics(script):
    size = script["Size"](30, 200, 8, 3, 0.2, 10)
    query, gallery, *labels = script["make_task"](size, 4, 1.0)
    distances = np.round(1 - query @ gallery.T, 1)  # with ties
    found = rank_metrics(distances, *labels)
    for ours, loop in zip(
        found, script["loop_metrics"](distances, *labels), strict=True
    ):
        np.testing.assert_allclose(ours, loop, atol=1e-12)


def test_report(script, monkeypatch, capsys):
    script["SIZES"]["market1501"] = script["Size"](30, 200, 8, 3, 0.2, 10)
    monkeypatch.setattr(sys, "argv", ["rank_eval.py", "--dim", "4", "--repeats", "1"])
    script["main"]()
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["name"] == "rank_eval_market1501" and record["equal"] is True
    assert record["ours_s"] > 0 and record["ours_peak_mib"] > 0

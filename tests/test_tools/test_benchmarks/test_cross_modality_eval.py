"""The benchmark of SYSU-MM01's evaluation at a tiny size."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from mmpsearch.evaluation.functional import sysu_mm01_metrics

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    yield runpy.run_path(str(FOLDER / "cross_modality_eval.py"))
    sys.modules.pop("common", None)


def test_labels_have_the_true_numbers(script):
    labels = script["make_labels"]()
    assert len(labels["query_ids"]) == 3803 and len(labels["gallery_ids"]) == 6775
    folders = {*zip(labels["gallery_ids"], labels["gallery_cameras"], strict=True)}
    assert len(folders) == 301


def test_loop_equals_ours(script):
    labels = script["make_labels"](0.04)
    shape = len(labels["query_ids"]), len(labels["gallery_ids"])
    distances = np.random.default_rng(0).random(shape)
    (found,) = sysu_mm01_metrics(distances, **labels)
    for ours, loop in zip(
        found, script["loop_metrics"](distances, **labels), strict=True
    ):
        np.testing.assert_allclose(ours, loop, atol=1e-12)


def test_report(script, monkeypatch, capsys):
    options = ["--scale", "0.03", "--dim", "4", "--repeats", "1"]
    monkeypatch.setattr(sys, "argv", ["cross_modality_eval.py", *options])
    script["main"]()
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["name"] == "cross_modality_eval" and record["equal"] is True
    assert record["galleries"] == 40 and record["ours_s"] > 0

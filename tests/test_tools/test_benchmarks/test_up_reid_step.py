"""The benchmark of a pre-training step with a small network and short queues."""

import json
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


def test_report(monkeypatch, capsys):
    monkeypatch.syspath_prepend(FOLDER)
    options = "--batch 2 --depth 18 --size 64 32 --queue 50 --loss-batch 3 --repeats 1"
    monkeypatch.setattr(sys, "argv", ["x.py", *options.split()])
    script = runpy.run_path(str(FOLDER / "up_reid_step.py"))
    script["main"]()
    sys.modules.pop("common", None)
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["name"] == "up_reid_step" and record["equal"] is True
    assert len(record["losses"]["ours"]) == 3 and record["ratio"] > 0
    assert record["contrast_alone"]["queries"] == 3

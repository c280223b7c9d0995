"""The benchmark of many queries with the small SPNet."""

import json
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "tools" / "benchmarks"


def test_report(monkeypatch, capsys):
    monkeypatch.syspath_prepend(FOLDER)
    config = "configs/spnet/spnet-tiny_r18_oc-finetune_synthetic.py"
    options = ["--config", config, "--queries", "20", "--size", "100", "160"]
    monkeypatch.setattr(sys, "argv", ["x.py", *options, "--repeats", "1"])
    script = runpy.run_path(str(FOLDER / "spnet_qc_queries.py"))
    script["main"]()
    sys.modules.pop("common", None)
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["name"] == "spnet_qc_queries" and record["equal"] is True
    assert record["queries"] == 20 and record["timed_separately"] == 2
    assert 0.2 < record["boxes_per_query"] < 20
    assert record["ratio"] > 1 and record["joint_by_one_query"] > 0

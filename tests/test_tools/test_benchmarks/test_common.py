"""The helper that all benchmarks share."""

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "benchmarks" / "common.py"


@pytest.fixture
def common(monkeypatch):
    spec = importlib.util.spec_from_file_location("benchmark_common", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_functions_take_turns(common):
    calls = []
    runs = common.measure(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")},
        repeats=2,
        warmup=1,
    )
    assert calls == ["a", "b"] * 3
    assert len(runs["a"].seconds) == 2


def test_time_and_result(common):
    def sleeper():
        time.sleep(0.02)
        return 7

    run = common.measure({"x": sleeper}, repeats=3)["x"]
    assert 0.02 <= run.median < 1
    assert run.cpu_median < 0.02
    assert run.result == 7


PEAK_MEMORY = """
import json, sys, time
import numpy as np
sys.path.insert(0, sys.argv[1])
import common
if sys.argv[2] == "sampled":
    common._reset_high_water_mark = lambda: False
with common.PeakMemory() as busy:
    array = np.ones(2**23)  # 64 MiB
    time.sleep(0.05)
    del array
with common.PeakMemory() as idle:
    time.sleep(0.05)
print(json.dumps([m.peak_mib - m.start_mib for m in (busy, idle)]))
"""


@pytest.mark.parametrize("how", ["counted", "sampled"])
def test_peak_memory(how):
    """In a process of its own: other tests leave memory behind that is freed later."""
    command = [sys.executable, "-c", PEAK_MEMORY, str(SCRIPT.parent), how]
    output = subprocess.run(command, capture_output=True, text=True, check=True)
    busy, idle = json.loads(output.stdout)
    assert busy == pytest.approx(64, abs=16)
    assert idle < 16


def test_report_is_one_line(common, capsys):
    ours = common.Measurement([2.0, 1.0, 3.0], [1.0], 10, 20, None)
    baseline = common.Measurement([8.0], [8.0], 10, 30, None)
    record = common.report(
        "name", ours, baseline, equal=True, baseline_scale=2, queries=5
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 and json.loads(lines[0]) == record
    assert (record["ours_s"], record["baseline_s"], record["ratio"]) == (2, 16, 8)
    assert record["baseline_peak_mib"] == 30 and record["queries"] == 5
    assert record["machine"]["cores"] >= 1 and "numpy" in record["versions"]


def test_report_without_baseline(common, capsys):
    record = common.report("name", common.Measurement([1.0], [1.0], 1, 2))
    assert record["baseline_s"] is record["ratio"] is record["equal"] is None


def test_repeats_are_checked(common):
    with pytest.raises(ValueError, match="repeats"):
        common.measure({}, repeats=0)

"""The experiment with its tools replaced, and the table drawn from its file."""

import json
from pathlib import Path

import pytest

from .scripts import FOLDER, load


@pytest.fixture
def experiment(monkeypatch):
    """The script; instead of running tools it writes what they would write."""
    module = load("reid_synthetic")
    calls = []

    def run(command, **_):
        if command[0] == "git":
            return type("Done", (), dict(stdout="abc1234\n"))
        words = [str(word) for word in command[1:]]
        calls.append(words)
        tool = Path(words[0]).name
        options = dict(word.split("=", 1) for word in words if "=" in word)
        if tool == "colour_histogram.py":
            names = dict(chance=0.03, grey=0.1, hue=0.2)
            rows = [dict(name=k, mAP=v, rank1=v, mINP=v) for k, v in names.items()]
            Path(words[words.index("--out") + 1]).write_text(json.dumps({"rows": rows}))
        elif tool in ("train.py", "test.py"):
            seed = int(options["randomness.seed"])
            work = Path(words[words.index("--work-dir") + 1])
            (work / "20260101").mkdir(parents=True)
            (work / "last_checkpoint").write_text(f"{work}/epoch_40.pth")
            found = dict(mAP=0.5 + 0.1 * seed, rank1=0.7, mINP=0.3, rank5=0.9)
            (work / "20260101" / "20260101.json").write_text(json.dumps(found))
        return None

    monkeypatch.setattr(module.runs.subprocess, "run", run)
    module.calls = calls
    return module


def test_rows_and_table(experiment, tmp_path, capsys):
    out = tmp_path / "results" / "r.json"
    arguments = f"--seeds 0 2 --work-dir {tmp_path}/w --out {out} --cfg-options a=1"
    experiment.main(arguments.split())
    result = json.loads(out.read_text())
    rows = {row["name"]: row for row in result["rows"]}
    assert rows["bot_r18"]["mAP"] == [0.5, 0.7]
    assert rows["bot_r18"]["mean"]["mAP"] == pytest.approx(0.6)
    assert rows["bot_r18"]["std"]["mAP"] == pytest.approx(0.02**0.5)
    assert rows["colour_histogram"]["variant"] == "hue"
    assert rows["chance"]["rank1"] == [0.03]
    assert (result["seeds"], result["commit"]) == ([0, 2], "abc1234")
    assert result["command"].startswith("python tools/experiments/reid_synthetic.py --")
    tests = [words for words in experiment.calls if "test.py" in words[0]]
    assert tests[1][2].endswith("seed2/train/epoch_40.pth")
    assert tests[1][-2:] == ["randomness.seed=2", "a=1"]
    table = capsys.readouterr().out
    assert "| BoT, seeds 0, 2 | 0.500, 0.700 | 0.700, 0.700 |" in table
    assert "| BoT, mean (std) | 0.600 (0.141) | 0.700 (0.000) |" in table
    assert "learning | +0.400 | +0.500 | +0.100 |" in table
    assert "hue, the best of several | 0.200 |" in table

    experiment.main(arguments.split())  # nothing is run again
    assert len(experiment.calls) == 6


def test_committed_results_hold_what_the_table_needs():
    """Where they are committed; test_draw_tables compares the tables."""
    file = FOLDER.parents[1] / "results" / "reid_synthetic.json"
    if not file.exists():
        pytest.skip("the experiment was not run yet")
    result = json.loads(file.read_text())
    assert len(result["seeds"]) >= 3
    readme = (FOLDER.parents[1] / "configs/reid/bot/README.md").read_text()
    table = load("reid_synthetic").draw(result)
    assert f"<!-- reid-synthetic -->\n{table}\n<!-- /reid-synthetic -->" in readme

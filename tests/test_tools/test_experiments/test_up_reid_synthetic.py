"""The experiment with its tools replaced, and the table drawn from its file."""

import json
from pathlib import Path

import pytest

from .scripts import load

GAINS = {"moco": 0.02, "cc": 0.03, "icc": 0.05, "up_reid": 0.06}


@pytest.fixture
def experiment(monkeypatch):
    """The script; instead of running tools it writes what they would write."""
    module, calls = load("up_reid_synthetic"), []

    def run(command, **_):
        if command[0] == "git":
            return type("Done", (), dict(stdout="abc1234\n"))
        words = [str(word) for word in command[1:]]
        calls.append(words)
        if Path(words[0]).name not in ("train.py", "test.py"):
            return None
        options = dict(word.split("=", 1) for word in words if "=" in word)
        work = Path(words[words.index("--work-dir") + 1])
        (work / "20260101").mkdir(parents=True)
        (work / "last_checkpoint").write_text(f"{work}/last.pth")
        mAP = 0.5 + 0.1 * int(options["randomness.seed"])
        start = Path(options.get("model.backbone.init_cfg.checkpoint", ""))
        mAP += sum(gain for row, gain in GAINS.items() if row in start.parts)
        found = dict(mAP=mAP, rank1=0.7, mINP=0.3)
        (work / "20260101" / "20260101.json").write_text(json.dumps(found))
        return None

    monkeypatch.setattr(module.runs.subprocess, "run", run)
    module.calls = calls
    return module


def test_rows_and_table(experiment, tmp_path, capsys):
    out = tmp_path / "r.json"
    arguments = f"--seeds 0 1 --work-dir {tmp_path}/w --out {out}"
    arguments += " --pretrain-options train_cfg.max_epochs=1"
    experiment.main(arguments.split())
    rows = {row["name"]: row for row in json.loads(out.read_text())["rows"]}
    assert list(rows) == ["scratch", "moco", "cc", "icc", "up_reid"]
    assert rows["scratch"]["mAP"] == pytest.approx([0.5, 0.6])
    assert rows["icc"]["mAP"] == pytest.approx([0.55, 0.65])
    configs = (experiment.MOCO, experiment.UP_REID)
    pretrained = [c for c in experiment.calls if c[1] in configs]
    assert len(pretrained) == 8
    assert all("train_cfg.max_epochs=1" in call for call in pretrained)
    assert ["model.grid=None" in c for c in pretrained] == [
        False,
        True,
        False,
        False,
    ] * 2
    without = ["model.consistency_weight=0" in c for c in pretrained]
    assert without == [False, False, True, False] * 2
    text = capsys.readouterr().out
    assert "| MoCo v2, against from scratch | +0.020 | +0.000 | +0.000 |" in text
    assert "| UP-ReID (both), against MoCo v2 | +0.040 |" in text
    number = len(experiment.calls)
    experiment.main(arguments.split())
    assert len(experiment.calls) == number  # nothing is repeated

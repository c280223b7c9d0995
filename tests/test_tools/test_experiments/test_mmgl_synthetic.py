"""The experiment with its tools replaced, and the table drawn from its file."""

import json
from pathlib import Path

import pytest

from .scripts import load


@pytest.fixture
def experiment(monkeypatch):
    """The script; instead of running tools it writes what they would write."""
    module, calls = load("mmgl_synthetic"), []

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
        seed = int(options["randomness.seed"])
        found = dict(permutation_stripe=0.9 + 0.01 * seed, permutation_whole=0.8)
        if words[1] == module.FINETUNE:
            start = options.get("model.backbone.init_cfg.checkpoint", "")
            scores = dict(
                rank1=0.4, mAP=0.2 + 0.1 * seed + 0.05 * bool(start), mINP=0.1
            )
            found = {f"all_single_python/{k}": v for k, v in scores.items()}
            assert not start or start.endswith(f"seed{seed}/pretrain/train/last.pth")
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
    assert rows["scratch"]["mAP"] == pytest.approx([0.2, 0.3])
    assert rows["mmgl"]["mean"]["mAP"] == pytest.approx(0.3)
    assert rows["pretraining"]["permutation_stripe"] == pytest.approx([0.9, 0.91])
    pretrained = [c for c in experiment.calls if c[1:2] == [experiment.PRETRAIN]]
    assert len(pretrained) == 4  # trained and tested
    assert all("train_cfg.max_epochs=1" in call for call in pretrained)
    text = capsys.readouterr().out
    assert "| difference | +0.000 | +0.050 | +0.000 |" in text
    assert "| 0.905 ± 0.007 | 0.900, 0.910 |" in text
    number = len(experiment.calls)
    experiment.main(arguments.split())
    assert len(experiment.calls) == number  # nothing is repeated

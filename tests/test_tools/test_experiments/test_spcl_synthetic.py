"""The experiment with its tools replaced, and the table drawn from its file."""

import json
from pathlib import Path

import pytest

from .scripts import load


@pytest.fixture
def experiment(monkeypatch):
    """The script; instead of running tools it writes what they would write."""
    module, calls = load("spcl_synthetic"), []

    def run(command, **_):
        if command[0] == "git":
            return type("Done", (), dict(stdout="abc1234\n"))
        words = [str(word) for word in command[1:]]
        calls.append(words)
        if Path(words[0]).name != "train.py":
            return None
        options = dict(word.split("=", 1) for word in words if "=" in word)
        work = Path(words[words.index("--work-dir") + 1])
        folder = work / "20260101_000000" / "vis_data"
        folder.mkdir(parents=True)
        start = 0.1 + 0.1 * int(options["randomness.seed"])
        start += 0.05 * (
            "moco" in options.get("model.backbone.init_cfg.checkpoint", "")
        )
        curve = [(0, start), (3, start + 0.2), (6, start + 0.1)]
        lines = [json.dumps(dict(mAP=v, rank1=v, step=s)) for s, v in curve]
        (folder / "scalars.json").write_text("\n".join(lines))
        return None

    monkeypatch.setattr(module.runs.subprocess, "run", run)
    module.calls = calls
    return module


def make_weights(root):
    for seed in (0, 1):
        folder = root / f"seed{seed}" / "moco" / "pretrain" / "train"
        folder.mkdir(parents=True)
        (folder / "last_checkpoint").write_text(f"{folder}/epoch_10.pth")
    return f"{root}/seed{{seed}}/{{row}}/pretrain"


def test_rows_and_table(experiment, tmp_path, capsys):
    weights, out = make_weights(tmp_path / "p"), tmp_path / "r.json"
    arguments = f"--seeds 0 1 --work-dir {tmp_path}/w --out {out} --weights {weights}"
    arguments = arguments.split() + "--rows scratch moco adaptation".split()
    arguments += ["--options", "train_cfg.max_epochs=6"]
    experiment.main(arguments)
    rows = {row["name"]: row for row in json.loads(out.read_text())["rows"]}
    assert rows["scratch"]["before_mAP"] == pytest.approx([0.1, 0.2])
    assert rows["scratch"]["mAP"] == pytest.approx([0.2, 0.3])  # the last, not the best
    assert rows["scratch"]["curves"][0] == pytest.approx({"0": 0.1, "3": 0.3, "6": 0.2})
    assert rows["moco"]["mean"]["before_mAP"] == pytest.approx(0.2)
    assert rows["moco"]["mean"]["gain_mAP"] == pytest.approx(0.1)
    trained = [call for call in experiment.calls if call[0].endswith("train.py")]
    assert len(trained) == 6
    assert all("train_cfg.max_epochs=6" in call for call in trained)
    configs = {call[1] for call in trained}
    assert configs == {experiment.CONFIG, experiment.ADAPTATION}
    started = [c for c in trained if any("init_cfg.prefix" in word for word in c)]
    assert len(started) == 2
    assert "| MoCo | 0.200 ± 0.071 | 0.300 ± 0.071 |" in capsys.readouterr().out
    number = len(experiment.calls)
    experiment.main(arguments)
    assert len(experiment.calls) == number  # nothing is repeated


def test_missing_weights_are_named(experiment, tmp_path):
    with pytest.raises(FileNotFoundError, match="up_reid_synthetic.*'moco' out"):
        experiment.find_weights(f"{tmp_path}/{{seed}}/{{row}}", "moco", 3)

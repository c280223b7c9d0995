"""The comparison of methods with its tools replaced."""

import argparse
import json
import sys
from pathlib import Path

import pytest
from mmengine.config import Config, DictAction

from .scripts import load

ROOT = Path(__file__).parents[3]


@pytest.fixture
def experiment(monkeypatch):
    """The script; instead of running tools it writes what they would write."""
    module = load("person_search_methods")
    calls = []

    def run(command, **_):
        if command[0] == "git":
            return type("Done", (), dict(stdout="abc1234\n"))
        words = [str(word) for word in command[1:]]
        calls.append(words)
        work = Path(words[words.index("--work-dir") + 1])
        (work / "20260101").mkdir(parents=True)
        (work / "last_checkpoint").write_text(f"{work}/last.pth")
        found = dict.fromkeys(module.METRICS, 0.25)
        (work / "20260101" / "20260101.json").write_text(json.dumps(found))

    monkeypatch.setattr(module.runs.subprocess, "run", run)
    module.calls = calls
    return module


def start(experiment, monkeypatch, tmp_path, *words):
    folders = ["--work-dir", f"{tmp_path}/w", "--out", f"{tmp_path}/r.json"]
    monkeypatch.setattr(sys, "argv", ["person_search_methods.py", *folders, *words])
    experiment.main()
    return json.loads((tmp_path / "r.json").read_text())


def test_every_method_gets_the_same_budget(experiment, monkeypatch, tmp_path):
    found = start(experiment, monkeypatch, tmp_path, "--seeds", "0", "1")
    assert [row["name"] for row in found["rows"]] == list(experiment.METHODS)
    assert all(row["mAP"] == [0.25, 0.25] for row in found["rows"])
    assert found["epochs"] == 6 and found["commit"] == "abc1234"
    trainings = [c for c in experiment.calls if c[0] == "tools/train.py"]
    students = [c for c in trainings if experiment.TEACHER not in c]
    assert len(trainings) == 2 * 8 and len(students) == 2 * 7
    for words in students:
        assert "train_cfg.max_epochs=6" in words
    distilled = [c for c in students if any("teacher_checkpoint" in w for w in c)]
    assert len(distilled) == 2 * len(experiment.DISTILLED)
    for words in distilled:  # each from the teacher of its own seed
        seed = next(w for w in words if w.startswith("randomness.seed="))[-1]
        assert any(f"seed{seed}/teacher" in word for word in words)
    done = len(experiment.calls)
    start(experiment, monkeypatch, tmp_path, "--seeds", "0", "1")
    assert len(experiment.calls) == done


def test_table(experiment, monkeypatch, tmp_path, capsys):
    start(experiment, monkeypatch, tmp_path, "--seeds", "0", "1")
    text = capsys.readouterr().out
    assert "| SeqNet | 0.250 ± 0.000 |" in text
    assert "6 epochs of every method" in text


def test_table_of_one_seed(experiment, monkeypatch, tmp_path, capsys):
    start(experiment, monkeypatch, tmp_path, "--seeds", "0")
    text = capsys.readouterr().out
    assert "| SeqNet | 0.250 | 0.250 | 0.250 | 0.250 |\n" in text
    assert "one training seed" in text


def test_the_options_fit_the_configs(experiment, monkeypatch, tmp_path):
    start(experiment, monkeypatch, tmp_path, "--seeds", "0", "--scenes", "40")
    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg-options", nargs="*", action=DictAction)
    for words in experiment.calls:
        if words[0] != "tools/train.py":
            continue
        config = Config.fromfile(ROOT / words[1])
        position = words.index("--cfg-options")
        config.merge_from_dict(parser.parse_args(words[position:]).cfg_options)
        dataset = config.train_dataloader.dataset
        assert dataset.get("scenes", dataset).indices == 40
        assert config.randomness.seed == 0

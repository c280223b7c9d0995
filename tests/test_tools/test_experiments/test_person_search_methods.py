"""The comparison of methods with its tools replaced."""

import argparse
import copy
import json
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config, DictAction
from mmengine.optim import build_optim_wrapper

from mmpsearch.registry import MODELS

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
        (work / "20260101" / "vis_data").mkdir(parents=True)
        (work / "last_checkpoint").write_text(f"{work}/last.pth")
        found = dict.fromkeys(module.METRICS, 0.25)
        (work / "20260101" / "20260101.json").write_text(json.dumps(found))
        log = work / "20260101" / "vis_data" / "scalars.json"
        log.write_text(json.dumps(found) + "\n")

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
    assert [row["name"] for row in found["rows"]] == ["teacher", *experiment.METHODS]
    assert all(row["gt_mAP"] == [0.25, 0.25] for row in found["rows"])
    assert found["epochs"] == 8 and found["commit"] == "abc1234"
    trainings = [c for c in experiment.calls if c[0] == "tools/train.py"]
    parts = (experiment.TEACHER, experiment.DETECTOR)
    heads = [c for c in trainings if c[1] not in parts]
    assert len(trainings) == 2 * 10 and len(heads) == 2 * 8
    for words in heads:
        assert {"train_cfg.max_epochs=8", "model.reid_weight=0.1"} <= set(words)
    distilled = [c for c in heads if any("teacher_checkpoint" in w for w in c)]
    assert len(distilled) == 2 * 3
    for words in heads:  # each with the detector and the teacher of its own seed
        seed = next(w for w in words if w.startswith("randomness.seed="))[-1]
        for part in ("backbone", "rpn_head"):
            checkpoint = f"{tmp_path}/w/seed{seed}/detector/train/last.pth"
            assert f"model.{part}.init_cfg.checkpoint={checkpoint}" in words
        teachers = [w for w in words if "teacher_checkpoint" in w]
        assert all(f"seed{seed}/teacher" in word for word in teachers)
    ceilings = [c for c in experiment.calls if c[0] == "tools/test_two_step.py"]
    assert len(ceilings) == 2 and all(c[1] == experiment.CEILING for c in ceilings)
    done = len(experiment.calls)
    start(experiment, monkeypatch, tmp_path, "--seeds", "0", "1")
    assert len(experiment.calls) == done


def test_table(experiment, monkeypatch, tmp_path, capsys):
    start(experiment, monkeypatch, tmp_path, "--seeds", "0", "1")
    text = capsys.readouterr().out
    assert "| SeqNet | 0.250 ± 0.000 |" in text
    assert "8 epochs of every method" in text


def test_table_of_one_seed(experiment, monkeypatch, tmp_path, capsys):
    start(experiment, monkeypatch, tmp_path, "--seeds", "0")
    text = capsys.readouterr().out
    assert "| SeqNet | 0.250 | 0.250 | 0.250 | 0.250 | 0.250 |\n" in text
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
        if words[1] in (experiment.TEACHER, experiment.DETECTOR):
            continue
        assert config.model.reid_weight == 0.1


def test_heads_leave_trunk_and_proposals_as_they_are(experiment, tmp_path):
    """A step of every method changes its head, and nothing of the detector."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg-options", nargs="*", action=DictAction)
    words = parser.parse_args(["--cfg-options", *experiment.FROZEN]).cfg_options
    for name in ("oim", "ours-0"):
        config = Config.fromfile(ROOT / experiment.METHODS[name].config)
        config.merge_from_dict(copy.deepcopy(words))
        model = MODELS.build(config.model)
        wrapper = build_optim_wrapper(model, config.optim_wrapper)
        before = {key: value.clone() for key, value in model.state_dict().items()}
        model.train()
        model.backbone(torch.randn(2, 3, 64, 64))
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.grad = torch.ones_like(parameter)
        wrapper.step()
        changed = {
            key.split(".")[0]
            for key, value in model.state_dict().items()
            if not torch.equal(value, before[key])
        }
        assert changed - {"reid_loss"} == {"search_head"}


def test_losses_of_boxes_weigh_the_same_in_every_method(experiment):
    """A factor of their own would change what 0.1 of re-identification is worth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg-options", nargs="*", action=DictAction)
    found = []
    for name, method in experiment.METHODS.items():
        config = Config.fromfile(ROOT / method.config)
        options = parser.parse_args(["--cfg-options", *method.options]).cfg_options
        config.merge_from_dict(options)
        head = MODELS.build(config.model.search_head)
        for weight in ("box_weight", "proposal_box_weight"):
            if hasattr(head, weight):
                found.append((name, weight))
                assert getattr(head, weight) == 1, method.title
    assert {("nae", "box_weight"), ("seqnet", "proposal_box_weight")} <= set(found)

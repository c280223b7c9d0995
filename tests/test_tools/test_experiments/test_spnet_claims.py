"""The experiment with its tools replaced."""

import argparse
import json
from pathlib import Path

import pytest
from mmengine.config import Config

from mmpsearch.registry import MODELS
from mmpsearch.utils.config_options import OptionsAction

from .scripts import load

ROOT = Path(__file__).parents[3]


@pytest.fixture
def experiment(monkeypatch):
    """The script; instead of running tools it writes what they would write."""
    module = load("spnet_claims")
    calls = []

    def run(command, **_):
        if command[0] == "git":
            return type("Done", (), dict(stdout="abc1234\n"))
        words = [str(word) for word in command[1:]]
        calls.append(words)
        if words[0] == module.runs.RENDER:
            return None
        assert words[-1] != "--cfg-options"  # refused by the tools without a value
        work = Path(words[words.index("--work-dir") + 1])
        (work / "20260101" / "vis_data").mkdir(parents=True)
        (work / "last_checkpoint").write_text(f"{work}/last.pth")
        found = dict.fromkeys(module.METRICS, 0.5)
        log = work / "20260101" / "vis_data" / "scalars.json"
        log.write_text(json.dumps(found) + "\n")
        return None

    monkeypatch.setattr(module.runs.subprocess, "run", run)
    module.calls = calls
    return module


def test_every_setting_builds(experiment):
    settings = {(s.stage, s.options) for s in experiment.SETTINGS.values()}
    settings.add(("oc-finetune", experiment.RECIPES["gpu"].options))
    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg-options", nargs="*", action=OptionsAction)
    for stage, options in settings:
        config = Config.fromfile(ROOT / experiment.CONFIG.format(stage=stage))
        words = parser.parse_args(["--cfg-options", "randomness.seed=0", *options])
        config.merge_from_dict(words.cfg_options)
        MODELS.build(config.model)


def test_budgets(experiment):
    recipe = experiment.RECIPES["cpu"]
    stages = ("qc-pretrain", "oc-finetune", "qc-finetune")
    assert [experiment.epochs(recipe, stage) for stage in stages] == [2, 3, 2]


def test_a_training_serves_every_question(experiment, tmp_path):
    arguments = f"--seeds 0 1 --work-dir {tmp_path}/w --out {tmp_path}/r --jobs 2"
    experiment.main(arguments.split())
    trained = [words for words in experiment.calls if words[0] == "tools/train.py"]
    assert len(trained) == 2 * len(experiment.SETTINGS)
    assert len(trained) == len(experiment.calls)  # a training is tested at its end

    by_folder = {words[words.index("--work-dir") + 1]: words for words in trained}
    finetuned = by_folder[f"{tmp_path}/w/cpu/seed1/oc_pretrained/train"]
    checkpoint = f"{tmp_path}/w/cpu/seed1/oc_pretrain/train/last.pth"
    assert f"model.pretrained.checkpoint={checkpoint}" in finetuned
    assert "randomness.seed=1" in finetuned
    for name, number in (("oc_pretrained_10", 30), ("scratch_long", 12)):
        words = by_folder[f"{tmp_path}/w/cpu/seed0/{name}/train"]
        assert f"train_cfg.max_epochs={number}" in words
        assert f"train_cfg.val_interval={number}" in words
        tenth = "train_dataloader.dataset.indices=100" in words
        assert tenth == name.endswith("_10")

    result = json.loads((tmp_path / "r" / "spnet_missing_labels.json").read_text())
    assert [row["name"] for row in result["rows"]] == [
        "oc_pretrained",
        "oc_pretrained_missing",
        "qc_pretrained",
        "qc_pretrained_missing",
    ]
    assert result["rows"][0]["mAP"] == [0.5, 0.5]
    assert result["seeds"] == [0, 1]
    table = experiment.draw(result)
    assert "| query-centric, one label per picture | 0.500 ± 0.000 |" in table
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == [
        f"spnet_{question}.json" for question in sorted(experiment.QUESTIONS)
    ]

    number = len(experiment.calls)
    experiment.main(arguments.split())
    assert len(experiment.calls) == number  # nothing is run again


def test_another_rendering_is_made_and_read(experiment, tmp_path):
    work = tmp_path / "my work"
    arguments = ["--seeds", "0", "--questions", "few_labels", "--render-seed", "23"]
    experiment.main([*arguments, "--work-dir", str(work), "--out", str(tmp_path / "r")])
    data = work / "cpu" / "data"
    rendered = [words for words in experiment.calls if "--layout" in words]
    assert [words[1:] for words in rendered] == [
        ["--layout", layout, "--seed", "23", "--out", f"{data}/{layout}"]
        for layout in ("prw", "coco")
    ]
    trained = experiment.calls[2:]
    assert len(trained) == 5
    parser = argparse.ArgumentParser()
    parser.add_argument("--cfg-options", nargs="*", action=OptionsAction)
    for words in trained:
        config = Config.fromfile(ROOT / words[1])
        options = words[words.index("--cfg-options") :]
        config.merge_from_dict(parser.parse_args(options).cfg_options)
        searched = "finetune" in words[1]
        root = f"{data}/{'prw' if searched else 'coco'}"
        assert config.train_dataloader.dataset.data_root == root
        if searched:
            assert config.val_dataloader.dataset.data_root == root
            assert config.test_dataloader.dataset.data_root == root
        else:
            assert config.val_dataloader is None


def test_pretraining_comes_first(experiment):
    names = experiment.needed("finetuning")
    assert names[0] == "qc_pretrain"
    assert set(names[1:]) == set(experiment.QUESTIONS["finetuning"].rows)


def test_committed_results_have_three_seeds_or_say_that_they_have_one(experiment):
    for question in experiment.QUESTIONS:
        file = ROOT / "results" / f"spnet_{question}.json"
        if file.exists():
            result = json.loads(file.read_text())
            table = experiment.draw(result)
            assert len(result["seeds"]) >= 3 or "One training seed, 0." in table
            assert ("±" in table) == (len(result["seeds"]) >= 3)
            names = [row["name"] for row in result["rows"]]
            rows = [*experiment.QUESTIONS[question].rows]
            for suffix in ("_10", "_long"):  # the budget is the question's
                rows = [name.removesuffix(suffix) for name in rows]
            assert names == rows

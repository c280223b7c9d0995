"""Ten trainings by one command; the tools are replaced."""

import json

import pytest

from mmpsearch.errors import ConfigError, StepError

from .scripts import FOLDER, load, replace_tools

CONFIG = str(FOLDER.parents[1] / "configs/caj/caj_r50_regdb.py")


def trial_of(options):
    keys = [f"{part}_dataloader.dataset.trial" for part in ("train", "val", "test")]
    trials = {int(options[key]) for key in keys}
    assert len(trials) == 1
    return trials.pop()


def metrics(module):
    def of(_, options):
        return {name: 0.5 + 0.01 * trial_of(options) for name in module.METRICS}

    return of


def test_trains_tests_and_averages_and_repeats_nothing(tmp_path, monkeypatch, capsys):
    module = load("regdb_trials")
    calls = replace_tools(monkeypatch, metrics(module))
    arguments = [CONFIG, "--work-dir", str(tmp_path)]
    arguments += ["--cfg-options", "model.backbone.init_cfg.checkpoint=None"]
    module.main(arguments)
    assert [call[0] for call in calls] == ["tools/train.py", "tools/test.py"] * 10
    assert all("model.backbone.init_cfg.checkpoint=None" in call for call in calls)
    result = json.loads((tmp_path / "results.json").read_text())
    (row,) = result["rows"]
    assert result["trials"] == list(range(1, 11)) and result["commit"] == "abc1234"
    assert row["visible_to_thermal/rank1"][9] == pytest.approx(0.6)
    assert row["mean"]["thermal_to_visible/mAP"] == pytest.approx(0.555)
    assert "thermal_to_visible   0.5550" in capsys.readouterr().out
    module.main(arguments)  # once more
    assert len(calls) == 20


def test_a_failed_training_is_named_and_gone_on_with(tmp_path, monkeypatch):
    module = load("regdb_trials")
    arguments = [CONFIG, "--work-dir", str(tmp_path), "--trials", "1", "2"]

    def fail(command, **_):
        raise module.runs.subprocess.CalledProcessError(1, command)

    with monkeypatch.context() as patch:
        patch.setattr(module.runs.subprocess, "run", fail)
        with pytest.raises(StepError, match=r"ended with status 1.*trial1.train\.log"):
            module.main(arguments)
    calls = replace_tools(monkeypatch, metrics(module))
    module.main(arguments)
    assert len(calls) == 4 and all("--resume" in call for call in calls[::2])


def test_other_data_sets_have_no_trials(tmp_path):
    module = load("regdb_trials")
    other = CONFIG.replace("regdb", "sysu-mm01")
    with pytest.raises(ConfigError, match="SYSUMM01; only mmpsearch.RegDB has trials"):
        module.main([other])
    with pytest.raises(ConfigError, match="there is no such file"):
        module.main([str(tmp_path / "nothing.py")])

"""Steps that are not repeated, and rows by hand."""

import json
import os

import pytest

from mmpsearch.utils.parent_watch import FOLLOW

from .scripts import load


def test_mean_and_spread():
    runs = [{"mAP": 0.5, "top1": 0.6}, {"mAP": 0.7, "top1": 0.6}]
    row = load("training_runs").summarise("x", runs, ["mAP", "top1"], variant="v")
    assert (row["name"], row["variant"], row["mAP"]) == ("x", "v", [0.5, 0.7])
    assert row["mean"]["mAP"] == pytest.approx(0.6)
    assert row["std"]["mAP"] == pytest.approx(0.02**0.5)
    assert row["std"]["top1"] == 0


def test_a_finished_step_is_not_repeated(tmp_path):
    module = load("training_runs")
    script = tmp_path / "append.py"
    script.write_text(f"open({str(tmp_path / 'calls')!r}, 'a').write('x')")
    first = module.run_once(tmp_path / "run", "step", str(script))
    assert module.run_once(tmp_path / "run", "step", str(script)) == first
    assert (tmp_path / "calls").read_text() == "x"


def test_a_finished_step_of_another_command_is_refused(tmp_path):
    module = load("training_runs")
    script = tmp_path / "nothing.py"
    script.touch()
    module.run_once(tmp_path, "step", str(script), "--epochs", "1")
    with pytest.raises(module.StepError, match="epochs 1', now .*epochs 6'; give ano"):
        module.run_once(tmp_path, "step", str(script), "--epochs", "6")


def test_the_commit_is_that_of_the_steps(tmp_path, monkeypatch):
    module = load("training_runs")
    script = tmp_path / "nothing.py"
    script.touch()
    for commit in ("aaa", "bbb"):
        monkeypatch.setattr(module, "current_commit", lambda commit=commit: commit)
        module.run_once(tmp_path / commit, "train", str(script))
        module.run_once(tmp_path / commit, "test", str(script))
    monkeypatch.setattr(module, "current_commit", lambda: "later")
    both = module.steps_of(tmp_path)
    assert len(both) == 4 and len(module.steps_of(tmp_path, name="test")) == 2
    found = module.provenance([0], ["x.py", "--jobs", "2"], both)
    assert found["commit"] == "aaa, bbb" and found["command"] == "python x.py --jobs 2"


def test_a_failed_step_is_begun_again(tmp_path):
    module = load("training_runs")
    script = tmp_path / "fail.py"
    script.write_text("raise SystemExit('no data')")
    log = tmp_path / "run" / "step.log"
    message = f"{script} ended with status 1; .*The end of {log}:\n(no data\n)?no data$"
    for _ in range(2):
        with pytest.raises(module.StepError, match=message):
            module.run_once(tmp_path / "run", "step", str(script))
    assert log.read_text() == "no data\n" * 2


def test_a_step_is_told_to_end_with_the_experiment(tmp_path):
    """Killed, an experiment leaves no training behind that holds its folder."""
    script = tmp_path / "whom.py"
    script.write_text(f"import os\nprint(os.environ[{FOLLOW!r}])")
    load("training_runs").run_once(tmp_path, "step", str(script))
    assert int((tmp_path / "step.log").read_text()) == os.getpid()


def test_time_is_summed_over_calls_that_failed_or_were_killed(tmp_path):
    module = load("training_runs")
    (tmp_path / "step.seconds").write_text("100.0\n")  # of calls that were killed
    script = tmp_path / "second_time.py"
    script.write_text(
        "import pathlib, sys, time\ntime.sleep(0.2)\n"
        f"mark = pathlib.Path({str(tmp_path / 'mark')!r})\n"
        "found = mark.exists()\nmark.touch()\nsys.exit(not found)"
    )
    with pytest.raises(module.StepError):
        module.run_once(tmp_path, "step", str(script))
    after_failure = float((tmp_path / "step.seconds").read_text())
    assert after_failure > 100.1  # it is written in tenths
    total = module.run_once(tmp_path, "step", str(script))
    assert after_failure + 0.1 < total < after_failure + 30


def test_time_is_noted_while_a_step_runs(tmp_path, monkeypatch):
    module = load("training_runs")
    monkeypatch.setattr(module, "BETWEEN_NOTES", 0.02)
    file = tmp_path / "seconds"
    with module.time_added_to(file):
        while not file.exists() or float(file.read_text()) < 0.1:
            module.time.sleep(0.01)
    assert float(file.read_text()) >= 0.1


def test_the_last_test_counts(tmp_path):
    module = load("training_runs")
    for day, value in (("20260101", 0.1), ("20260102", 0.2)):
        (tmp_path / "test" / day).mkdir(parents=True)
        found = {"mAP": value, "time": 3}
        (tmp_path / "test" / day / f"{day}.json").write_text(json.dumps(found))
    assert module.test_metrics(tmp_path, ["mAP"]) == {"mAP": 0.2}
    with pytest.raises(FileNotFoundError, match="has no results; see test.log"):
        module.test_metrics(tmp_path / "elsewhere", ["mAP"])


def test_the_last_validation_that_has_them_counts(tmp_path):
    module = load("training_runs")
    for day, values in (("20260101", (0.1, 0.2)), ("20260102", ())):
        log = tmp_path / "train" / day / "vis_data" / "scalars.json"
        log.parent.mkdir(parents=True)
        lines = [{"loss": 1.0}, *({"mAP": value} for value in values), {"loss": 0.5}]
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert module.logged_metrics(tmp_path, ["mAP"]) == {"mAP": 0.2}
    with pytest.raises(FileNotFoundError, match="nothing logged has mAP, rank1"):
        module.logged_metrics(tmp_path, ["mAP", "rank1"])

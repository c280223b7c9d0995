"""The quick start: steps, status and end, with stubs in place of the tools."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
ENVIRONMENT_STUB = """
step() { STEP=$1; }
fail() { echo "FAILED in step $STEP" >&2; exit 1; }
make_environment() { PYTHON=./python; }
"""
# Writes what a training leaves behind. The one named by FAIL ends with an error; the
# one from scratch takes a while, and then says that it came to its end.
PYTHON_STUB = """#!/usr/bin/env bash
echo "$*" >>calls
case "$*" in
    *train.py*) folder=$4 ;;
    *) exit 0 ;;
esac
[ "${FAIL:-}" != "$(basename "$folder")" ] || exit 3
if [ "$(basename "$folder")" = scratch ]; then sleep "${SECONDS_OF_SCRATCH:-0}"; fi
mkdir -p "$folder" && echo "$folder/last.pth" >"$folder/last_checkpoint"
"""


def prepared(tmp_path):
    """Run it in a folder of its own; gives the finished process."""
    (tmp_path / "tools").mkdir()
    shutil.copy(TOOLS / "quickstart.sh", tmp_path / "tools")
    (tmp_path / "tools" / "make_environment.sh").write_text(ENVIRONMENT_STUB)
    (tmp_path / "python").write_text(PYTHON_STUB)
    (tmp_path / "python").chmod(0o755)

    def run(*arguments, **variables):
        return subprocess.run(
            ["bash", "tools/quickstart.sh", *arguments],
            cwd=tmp_path,
            env=dict(os.environ, **variables),
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def quickstart(tmp_path):
    return prepared(tmp_path)


def test_a_checkout_in_a_path_with_spaces(tmp_path):
    root = tmp_path / "my own checkout"
    root.mkdir()
    done = prepared(root)()
    assert done.returncode == 0, done.stderr
    calls = (root / "calls").read_text().splitlines()
    start = "model.pretrained.checkpoint=work_dirs/quickstart/qc_pretrain/last.pth"
    assert any(call.endswith(start) for call in calls)


def test_status_and_no_step_twice(quickstart, tmp_path):
    done = quickstart()
    assert done.returncode == 0, done.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 12 and "quickstart_report.py" in calls[-1]
    assert quickstart().returncode == 0
    again = (tmp_path / "calls").read_text().splitlines()[12:]
    assert len(again) == 1 and "quickstart_report.py" in again[0]


def test_nothing_goes_on_after_a_failed_step(quickstart, tmp_path):
    done = quickstart(FAIL="qc_pretrain", SECONDS_OF_SCRATCH="3")
    assert done.returncode == 1 and "FAILED in step" in done.stderr
    time.sleep(4)
    assert not (tmp_path / "work_dirs" / "quickstart" / "scratch").exists()
    assert quickstart().returncode == 0  # goes on where it failed


def test_a_failed_training_beside_the_others_is_found(quickstart):
    done = quickstart(FAIL="scratch")
    assert done.returncode == 1
    assert "train SPNet from scratch" in done.stderr


def test_the_first_answer_alone(quickstart, tmp_path):
    done = quickstart("--first-answer")
    assert done.returncode == 0, done.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 2 and "make_synthetic.py" in calls[0]
    assert "spnet-tiny.pth" in calls[1] and "first_answer" in done.stdout
    assert quickstart().returncode == 0  # goes on behind it
    assert len((tmp_path / "calls").read_text().splitlines()) == 12


def test_an_unknown_option(quickstart, tmp_path):
    done = quickstart("--first")
    assert done.returncode == 2 and "--first-answer" in done.stderr
    assert not (tmp_path / "calls").exists()


def test_a_killed_shell_leaves_nothing_running(quickstart, tmp_path):
    script = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(TOOLS.parent)!r})\n"
        "from mmpsearch.utils.parent_watch import end_with_named_process\n"
        "end_with_named_process()\n"
        "time.sleep(60)\n"
    )
    (tmp_path / "slow.py").write_text(script)
    stub = tmp_path / "python"
    usual = stub.read_text()
    python = shlex.quote(sys.executable)
    slow = f"*train.py*) echo $$ >>trainings; exec {python} slow.py ;;\n"
    stub.write_text(usual.replace('case "$*" in\n', 'case "$*" in\n' + slow, 1))
    shell = subprocess.Popen(
        ["bash", "tools/quickstart.sh"], cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    trainings = tmp_path / "trainings"
    deadline = time.monotonic() + 30
    while not trainings.exists() or len(trainings.read_text().split()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    shell.kill()  # it alone, not its children
    shell.wait()
    running = [int(number) for number in trainings.read_text().split()]
    while any(Path(f"/proc/{number}").exists() for number in running):
        assert time.monotonic() < deadline + 15
        time.sleep(0.05)
    stub.write_text(usual)
    assert quickstart().returncode == 0

"""tools/train.py and tools/test.py, on a toy model."""

import logging
import os
import pickle
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from mmpsearch.utils.checkpoint import load_checkpoint
from mmpsearch.utils.work_folder import alone_in
from tests.toy_training import toy_config_text

ROOT = Path(__file__).parents[2]
TWO_STEP = ROOT / "configs" / "dkd" / "two-step_d-r1_r50_prw.py"
ENVIRONMENT = dict(
    os.environ,
    PYTHON=sys.executable,
    PYTHONPATH=str(ROOT),
    OMP_NUM_THREADS="1",
    CUDA_VISIBLE_DEVICES="",
)


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "toy.py"
    file.write_text(toy_config_text())
    return file


@pytest.fixture
def tool(monkeypatch, capsys):
    """Run a tool in this process; give its exit status and what it wrote."""

    # loggers of an earlier call hold on to the output captured then
    monkeypatch.setattr(logging, "raiseExceptions", False)

    def call(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        status = 0
        try:
            runpy.run_path(str(ROOT / "tools" / name), run_name="__main__")
        except SystemExit as end:
            status = end.code or 0
        output = capsys.readouterr()
        return status, output.err, output.out

    return call


def _weights(path):
    return load_checkpoint(path)["state_dict"]


def test_train_test_and_resume(config, tool, tmp_path):
    work = tmp_path / "work"
    status, *_ = tool("train.py", config, "--work-dir", work)
    assert status == 0
    assert (work / "toy.py").is_file()  # the config, beside what it made
    status, *said = tool(
        "test.py",
        config,
        work / "epoch_4.pth",
        "--work-dir",
        tmp_path / "t",
        "--out",
        tmp_path / "found.pkl",
    )
    assert status == 0
    assert f"8 predictions saved in {tmp_path / 'found.pkl'}" in "".join(said)
    found = pickle.loads((tmp_path / "found.pkl").read_bytes())
    assert len(found) == 8 and set(found[0]) == {"error"}
    # resuming a finished run trains nothing and keeps the checkpoint
    before = (work / "epoch_4.pth").stat().st_mtime_ns
    assert tool("train.py", config, "--work-dir", work, "--resume")[0] == 0
    assert (work / "epoch_4.pth").stat().st_mtime_ns == before


def test_the_copy_of_the_config_in_the_work_folder(config, tool, tmp_path):
    work = tmp_path / "work"
    assert tool("train.py", config, "--work-dir", work)[0] == 0
    copy, weights = work / "toy.py", work / "epoch_4.pth"
    status, error, _ = tool("test.py", copy, weights, "--work-dir", work)
    assert status == 0, error
    written = config.read_text()
    for tool_and_more in (("train.py", config), ("test.py", config, weights)):
        status, error, _ = tool(*tool_and_more, "--work-dir", tmp_path)
        assert status == 2 and "holds toy.py itself" in error
    assert config.read_text() == written


def test_a_killed_run_resumes_to_the_same_weights(config, tool, tmp_path):
    work = tmp_path / "killed"
    command = [sys.executable, ROOT / "tools" / "train.py", config, "--work-dir", work]
    slow = ["--cfg-options", "train_dataloader.dataset.delay=0.1"]
    process = subprocess.Popen(
        [*command, *slow], env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not (work / "epoch_2.pth").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (work / "epoch_4.pth").exists()
    subprocess.run(
        [*command, "--resume"],
        env=ENVIRONMENT,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert tool("train.py", config, "--work-dir", tmp_path / "whole")[0] == 0
    whole = _weights(tmp_path / "whole" / "epoch_4.pth")
    for name, value in _weights(work / "epoch_4.pth").items():
        assert torch.equal(value, whole[name])


def _files(folder):
    return sorted(path.name for path in folder.glob("*.pth"))


def test_a_new_run_keeps_the_checkpoints_of_an_earlier_one(config, tool, tmp_path):
    work = tmp_path / "work"
    assert tool("train.py", config, "--work-dir", work)[0] == 0
    old = _files(work)
    seed = ["--cfg-options", "randomness.seed=7", "train_cfg.max_epochs=2"]
    status, error, _ = tool("train.py", config, "--work-dir", work, *seed)
    assert status == 0, error
    assert _files(work) == ["epoch_1.pth", "epoch_2.pth"]
    assert (work / "last_checkpoint").read_text() == "epoch_2.pth"
    assert _files(work / "earlier_run_1") == old == ["epoch_3.pth", "epoch_4.pth"]
    # going back to an earlier checkpoint leaves what came after it, too
    back = ["--resume", work / "epoch_1.pth", *seed]
    assert tool("train.py", config, "--work-dir", work, *back)[0] == 0
    assert _files(work / "earlier_run_2") == ["epoch_2.pth"]
    # a run that was stopped before its first checkpoint does not go on from another's
    (work / "epoch_1.pth").unlink()
    (work / "epoch_2.pth").unlink()
    status, _, output = tool("train.py", config, "--work-dir", work, "--resume", *seed)
    assert status == 0 and "starting anew" in output and "earlier_run_2" in output
    assert _files(work) == ["epoch_1.pth", "epoch_2.pth"]


def test_two_trainings_in_one_folder_are_refused(config, tool, tmp_path, monkeypatch):
    work = tmp_path / "work"
    with alone_in(work, "first.py"):
        monkeypatch.setattr(alone_in.__wrapped__, "__defaults__", (0.1,))
        status, error, _ = tool("train.py", config, "--work-dir", work)
    assert status == 2 and "in use by process" in error and "first.py" in error
    assert not list(work.glob("*.p*"))
    assert tool("train.py", config, "--work-dir", work)[0] == 0


def test_a_copied_folder_is_a_run_of_its_own(config, tool, tmp_path):
    first, copy = tmp_path / "first", tmp_path / "copy"
    options = ["--cfg-options", "default_hooks.checkpoint.save_best=mAP"]
    options += ["default_hooks.checkpoint.rule=less", "train_cfg.val_interval=1"]
    assert tool("train.py", config, "--work-dir", first, *options)[0] == 0
    shutil.copytree(first, copy)
    before = {path: path.read_bytes() for path in first.glob("*.pth")}
    for file in copy.glob("epoch_4*"):
        file.write_bytes(b"")  # as a power cut leaves it
    resumed = ["--resume", *options]
    status, error, _ = tool("train.py", config, "--work-dir", copy, *resumed)
    assert status == 0, error
    assert {path: path.read_bytes() for path in first.glob("*.pth")} == before
    whole = _weights(first / "epoch_4.pth")
    for name, value in _weights(copy / "epoch_4.pth").items():
        assert torch.equal(value, whole[name])
    assert len(list(copy.glob("best_*.pth"))) == 1
    about = load_checkpoint(copy / "epoch_4.pth")["message_hub"]["runtime_info"]
    assert about["last_ckpt"] == "epoch_4.pth"
    assert not os.path.dirname(about["best_ckpt"])


def test_two_ranks_equal_one_process(config, tool, tmp_path):
    options = ["--cfg-options", "model.dropout=0", "train_cfg.max_epochs=2"]
    command = ["bash", ROOT / "tools" / "dist_train.sh", config, "2"]
    work = tmp_path / "two"
    port = str(20000 + os.getpid() % 20000)
    subprocess.run(
        [*command, "--work-dir", work, *options, "train_dataloader.batch_size=1"],
        env=dict(ENVIRONMENT, PORT=port),
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    assert tool("train.py", config, "--work-dir", tmp_path / "one", *options)[0] == 0
    one = _weights(tmp_path / "one" / "epoch_2.pth")
    for name, value in _weights(work / "epoch_2.pth").items():
        torch.testing.assert_close(value, one[name])


def test_predictions_of_two_ranks(config, tool, tmp_path):
    work = tmp_path / "work"
    assert tool("train.py", config, "--work-dir", work)[0] == 0
    out = tmp_path / "out" / "two.pkl"
    out.parent.mkdir()
    command = ["bash", ROOT / "tools" / "dist_test.sh", config]
    command += [work / "epoch_4.pth", "2", "--out", out, "--work-dir", work]
    port = str(20000 + (os.getpid() + 1) % 20000)
    environment = dict(ENVIRONMENT, PORT=port)
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert list(out.parent.iterdir()) == [out]
    one = tmp_path / "one.pkl"
    arguments = ("--out", one, "--work-dir", work)
    assert tool("test.py", config, work / "epoch_4.pth", *arguments)[0] == 0
    both = (pickle.loads(file.read_bytes()) for file in (out, one))
    found, expected = ([float(row["error"]) for row in rows] for rows in both)
    assert found == pytest.approx(expected)


def _save_bad_checkpoint(path):
    torch.save(dict(state_dict={}, meta=Path("an/object")), path)
    return path


def test_mistakes_end_in_one_line(config, tool, tmp_path):
    bad = _save_bad_checkpoint(tmp_path / "bad.pth")
    other = tmp_path / "other.pth"
    torch.save(dict(state_dict={"hidden.weight": torch.zeros(1)}), other)
    broken = tmp_path / "broken.py"
    broken.write_text("model = dict(\n")
    base = tmp_path / "base.py"
    base.write_text("_base_ = 'gone.py'\n")
    for arguments, message in {
        ("train.py", "gone.py"): "config gone.py: there is no such file",
        ("train.py", broken): f"config {broken}: is not readable: SyntaxError",
        ("train.py", base): "gone.py",
        ("train.py", config, "--cfg-options", "model.widht=3"): "model.widht: is not",
        (
            "train.py",
            config,
            "--cfg-options",
            "default_hook.a=3",
        ): "default_hook: is no",
        ("train.py", config, "--resume", "gone.pth"): "--resume gone.pth: there is no",
        ("train.py", config, "--resume", bad): "bad.pth: refused",
        ("train.py", config, "--cfg-options", f"load_from={bad}"): "--unsafe-load",
        ("train.py", config, "--cfg-options", "model.num_identities=9"): "has 3 ident",
        ("train.py", config, "--cfg-options", "train_dataloader.dataset.bad=3"): (
            "error: row.csv: is cut off"
        ),
        (
            "train.py",
            config,
            "--cfg-options",
            "train_dataloader.dataset.bad=3",
            "train_dataloader.num_workers=1",
        ): "DataError: row.csv: is cut off",
        (
            "train.py",
            config,
            "--cfg-options",
            "train_dataloader.batch_size=9",
            "train_dataloader.drop_last=True",
        ): "gets 8 samples, batches have 9",
        ("train.py", config, "--auto-scale-lr"): "base_batch_size",
        ("train.py", config, "--cfg-options", "activation_checkpointing=[hiden]"): (
            "activation_checkpointing: no module 'hiden'"
        ),
        ("train.py", config, "--cfg-options", "train_cfg.max_epochs=abc"): (
            "train_cfg.max_epochs: must be a whole number, at least 1, not 'abc'"
        ),
        ("train.py", config, "--cfg-options", "train_cfg=None"): (
            "toy.py: has no train_cfg: it only tests; use tools/test.py"
        ),
        ("train.py", TWO_STEP): "it only tests; use tools/test_two_step.py",
        ("test.py", config, other, "--out", broken / "x.pkl"): (
            f"{broken}: there is a file where a folder is needed"
        ),
        ("test.py", config, "gone.pth"): "checkpoint gone.pth: there is no such file",
        ("test.py", config, bad): "bad.pth: refused, it holds",
        ("test.py", config, other): "hidden.weight: (1,), not (8, 4)",
        ("test.py", config, other, "--out", "a.json"): "must end with .pkl",
    }.items():
        status, error, _ = tool(*arguments, "--work-dir", tmp_path / "work")
        lines = [line for line in error.splitlines() if line.startswith("error: ")]
        assert status == 2, arguments
        assert len(lines) == 1 and message in lines[0], (arguments, error)
        assert "Traceback" not in error


def test_speed_ups_can_be_switched(config, tool, tmp_path, monkeypatch):
    weights = tmp_path / "toy.pth"
    torch.save(dict(state_dict={}), weights)
    monkeypatch.setenv("MMPSEARCH_SPEED_UP_ON_CPU", "off")
    for arguments in (("train.py", config), ("test.py", config, weights)):
        status, error, _ = tool(*arguments, "--work-dir", tmp_path / "work")
        assert status == 2 and "MMPSEARCH_SPEED_UP_ON_CPU must be 0 or 1" in error


def test_a_work_folder_that_is_a_file(config, tool):
    status, error, _ = tool("train.py", config, "--work-dir", config)
    assert status == 2 and "Traceback" not in error
    assert f"error: {config}: there is a file where a folder is needed" in error


def test_targets_are_looked_at_first(tool):
    for target, message in (
        ("x.foo", "x.foo: the name must end with .onnx"),
        (f"{TWO_STEP}/x.onnx", "two-step_d-r1_r50_prw.py: is a file, not a folder"),
    ):
        status, error, _ = tool("export/export_onnx.py", "gone.py", "a.pth", target)
        assert status == 2 and message in error.splitlines()[-1]
    status, error, _ = tool("export/export_onnx.py", "gone.py", "a.pth", "x.onnx")
    assert status == 2 and error == "error: there is no config file gone.py\n"


def test_unsafe_load(config, tool, tmp_path):
    path = tmp_path / "a.pth"
    work = tmp_path / "work"
    tool("train.py", config, "--work-dir", work)
    weights = _weights(work / "epoch_4.pth")
    torch.save(dict(state_dict=weights, meta=Path("an/object")), path)
    assert tool("test.py", config, path, "--work-dir", work)[0] == 2
    assert tool("test.py", config, path, "--work-dir", work, "--unsafe-load")[0] == 0


def test_amp(config, tool, tmp_path):
    status, error, _ = tool(
        "train.py", config, "--work-dir", tmp_path / "work", "--amp"
    )
    if torch.cuda.is_available():
        assert status == 0
        assert (
            "scale" in load_checkpoint(tmp_path / "work" / "epoch_4.pth")["optimizer"]
        )
    else:
        assert status == 2 and "--amp: mixed precision needs a GPU" in error


@pytest.mark.parametrize("behind", [True, False])
def test_an_unknown_amp_type_is_told_the_types_there_are(config, tool, behind):
    words = [config, "--amp", "bf17"] if behind else ["--amp", "bf17", config]
    status, error, _ = tool("train.py", *words)
    assert status == 2
    last = error.splitlines()[-1]
    assert "argument --amp: invalid choice: 'bf17'" in last
    assert "fp16" in last and "bf16" in last


def test_check_config_lists_everything(config, tool, tmp_path):
    status, _, output = tool("analysis_tools/check_config.py", config)
    assert (status, output.splitlines()[-1]) == (0, "1 configs, 0 with problems")
    config.write_text(toy_config_text() + "resum = True\nmodel['widht'] = 3\n")
    status, _, output = tool("analysis_tools/check_config.py", tmp_path)
    assert status == 1
    assert "model.widht: is not known; did you mean 'width'?" in output
    assert "resum: is no key of the runner" in output
    assert output.splitlines()[-1] == "1 configs, 1 with problems"

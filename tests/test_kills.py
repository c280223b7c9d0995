"""Killed at random moments and begun again: the end is that of an uninterrupted run.

Trainings: `tests/test_tools/test_train_and_test.py` kills one, the slow test here many.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from mmpsearch.utils.checkpoint import load_checkpoint
from tests.killing import pictures, records
from tests.toy_training import toy_config_text

ROOT = Path(__file__).parents[1]
ENVIRONMENT = dict(
    os.environ,
    PYTHONPATH=str(ROOT),
    PYTHONUNBUFFERED="1",
    OMP_NUM_THREADS="1",
    CUDA_VISIBLE_DEVICES="",
)


def start(command):
    """Begin; returns where the work itself begins."""
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    for line in process.stdout:
        if b"ready" in line or b"Checkpoints will be saved" in line:
            break
    return process


def finish(process):
    """Seconds until the end."""
    started = time.monotonic()
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said[-2000:].decode()
    return time.monotonic() - started


def kill_and_finish(command, resume, seconds, kills, draw):
    """Stop it at random moments of ``seconds``, then let it come to its end."""
    process = start(command)
    for _ in range(kills):
        time.sleep(draw.uniform(0, seconds))
        os.kill(process.pid, signal.SIGKILL)  # it alone: workers notice by themselves
        process.communicate()
        process = start(resume)
    finish(process)


def tree(folder):
    """Digest of every file by name."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def result(name, folder):
    if name == "rendering":
        return tree(folder / "rendered")
    return records(folder / "people.gallery")


def check_task(tmp_path, name, rounds, kills, seed):
    draw = random.Random(seed)
    pictures(tmp_path / "pictures")
    whole = tmp_path / "whole"
    whole.mkdir()
    if name == "migration":
        task = ["-m", "tests.killing", "gallery", whole]
        finish(start(task))
        os.replace(whole / "people.gallery", tmp_path / "source.gallery")
    task = ["-m", "tests.killing", name]
    seconds = finish(start([*task, whole]))
    expected = result(name, whole)
    for number in range(rounds):
        folder = tmp_path / f"killed_{number}"
        folder.mkdir()
        command = [*task, folder]
        kill_and_finish(command, command, seconds, kills, draw)
        assert result(name, folder) == expected, f"seed {seed}, round {number}"


@pytest.mark.parametrize("name", ["gallery", "migration"])
def test_a_few_kills(tmp_path, name):
    check_task(tmp_path, name, rounds=1, kills=2, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gallery", "migration", "rendering"])
def test_fifty_kills(tmp_path, name):
    check_task(tmp_path, name, rounds=10, kills=5, seed=int(time.time()))


@pytest.mark.slow
def test_fifty_kills_of_a_training(tmp_path):
    seed = int(time.time())
    draw = random.Random(seed)
    config = tmp_path / "toy.py"
    config.write_text(toy_config_text())
    slow = ["--cfg-options", "train_dataloader.dataset.delay=0.05"]
    train = ["tools/train.py", config, "--work-dir"]
    seconds = finish(start([*train, tmp_path / "whole", *slow]))
    whole = load_checkpoint(tmp_path / "whole" / "epoch_4.pth")["state_dict"]
    for number in range(10):
        folder = tmp_path / f"killed_{number}"
        command = [*train, folder, "--resume", *slow]
        kill_and_finish(command, command, seconds, 5, draw)
        found = load_checkpoint(folder / "epoch_4.pth")["state_dict"]
        for name, value in whole.items():
            assert torch.equal(found[name], value), f"seed {seed}, round {number}"

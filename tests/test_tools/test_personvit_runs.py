"""tools/train.py pre-trains the small PersonViT: killed, resumed, then fine-tuned."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from mmpsearch.datasets.synthetic import make_crop_options, make_synthetic_crops
from mmpsearch.utils.checkpoint import load_checkpoint

ROOT = Path(__file__).parents[2]
CONFIG = "configs/personvit/personvit_vit-tiny_pretrain_synthetic.py"
ENVIRONMENT = dict(
    os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES=""
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("luperson")
    options = make_crop_options(
        "luperson", identities=12, crops_per_identity=3, width=16, height=32
    )
    make_synthetic_crops(options, root)
    return root


def command(data, work_dir, *options, resume=False):
    """Four epochs of nine iterations of four crops."""
    small = {
        "train_dataloader.dataset.dataset.data_root": data,
        "train_dataloader.batch_size": 4,
        "train_dataloader.num_workers": 0,
        "train_dataloader.persistent_workers": False,
        "train_cfg.max_epochs": 4,
        "default_hooks.logger.interval": 1,
        "model.head.prototypes": 32,
        "param_scheduler.0.warmup": 1,
        **dict.fromkeys(("val_cfg", "val_dataloader", "val_evaluator"), None),
    }
    return [
        "tools/train.py",
        CONFIG,
        "--work-dir",
        str(work_dir),
        *(["--resume"] if resume else []),
        "--cfg-options",
        *(f"{key}={value}" for key, value in small.items()),
        *options,
    ]


def run(arguments):
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def scalars(work_dir):
    """Iteration -> losses, weights and rates as logged, the last entry counts."""
    found = {}
    for file in sorted(work_dir.glob("*/vis_data/scalars.json")):
        for line in file.read_text().splitlines():
            row = json.loads(line)
            kept = ("lr", "loss", "loss_class", "loss_patch", "epoch")
            found[row["iter"]] = {key: row[key] for key in kept}
    return found


def test_killed_within_an_epoch_and_resumed(data, tmp_path):
    run(command(data, tmp_path / "whole"))
    whole = scalars(tmp_path / "whole")
    assert len(whole) == 36
    broken = tmp_path / "broken"
    process = subprocess.Popen(
        [sys.executable, *command(data, broken)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.time() + 240
    while len(scalars(broken)) < 22 and time.time() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    killed_at = max(scalars(broken))
    assert 22 <= killed_at < 36 and killed_at % 9, "not within an epoch"
    run(command(data, broken, resume=True))
    assert scalars(broken) == whole
    want, got = (
        load_checkpoint(folder / "epoch_4.pth")["state_dict"]
        for folder in (tmp_path / "whole", broken)
    )
    assert all(torch.equal(got[key], value) for key, value in want.items())

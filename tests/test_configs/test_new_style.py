"""Configs with ``read_base`` and imported classes instead of names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mmpsearch.utils.check_config import check_config
from mmpsearch.utils.command_line import load_config

ROOT = Path(__file__).parents[2]
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(ROOT))  # the toy is no installed package
CONFIG = '''
"""Four epochs of a toy, written with classes."""

from mmengine.config import read_base
from mmengine.optim import OptimWrapper
from torch.optim import AdamW

from mmpsearch.datasets import ViewSampler
from tests.toy_training import ToyDataset, ToyMetric, ToyModel

with read_base():
    from .._base_.default_runtime import *  # noqa: F403

loader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type=ViewSampler),
    dataset=dict(type=ToyDataset),
)
model = dict(type=ToyModel)
train_dataloader = loader
train_cfg = dict(by_epoch=True, max_epochs=2, val_interval=2)
optim_wrapper = dict(type=OptimWrapper, optimizer=dict(type=AdamW, lr=0.1))
val_dataloader = loader
val_cfg = dict()
val_evaluator = dict(type=ToyMetric)
'''


@pytest.fixture
def config(tmp_path):
    for folder in ("_base_", "mine"):
        (tmp_path / "configs" / folder).mkdir(parents=True)
    base = "configs/_base_/default_runtime.py"
    shutil.copy(ROOT / base, tmp_path / base)
    path = tmp_path / "configs/mine/toy.py"
    path.write_text(CONFIG)
    return path


def test_a_good_one_has_no_problem(config):
    assert check_config(load_config(str(config))) == []


@pytest.mark.parametrize(
    "wrong, right, problem",
    [
        ("dict(type=ToyModel)", "dict(type=ToyModel, widht=3)", "did you mean 'width'"),
        ("train_cfg =", "trian_cfg = dict()\ntrain_cfg =", "mean 'train_cfg'?"),
        ("lr=0.1", "lr='0.1'", "must be a number such as 0.001, not '0.1'"),
    ],
)
def test_mistakes_are_named(config, wrong, right, problem):
    config.write_text(CONFIG.replace(wrong, right))
    found = [str(one) for one in check_config(load_config(str(config)))]
    assert any(problem in text for text in found), found


def test_it_trains_and_its_copy_resumes(config, tmp_path):
    def train(path, *options):
        command = [
            ROOT / "tools/train.py",
            path,
            "--work-dir",
            tmp_path / "w",
            *options,
        ]
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
        )
        assert done.returncode == 0, done.stderr[-2000:]

    train(config)
    assert (tmp_path / "w" / "epoch_2.pth").exists()
    train(config, "--resume", "--cfg-options", "train_cfg.max_epochs=3")
    assert (tmp_path / "w" / "epoch_3.pth").exists()

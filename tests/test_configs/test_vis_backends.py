"""Curves beside MMEngine's own files: TensorBoard, Weights & Biases, MLflow."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toy_training import toy_config_text

ROOT = Path(__file__).parents[2]


def train(folder, *backends):
    """Four epochs of the toy by the tool, with what the page says to add."""
    config = folder / "toy.py"
    config.write_text(toy_config_text())
    options = "visualizer.vis_backends=[dict(type=mmengine.LocalVisBackend), {}]"
    command = [ROOT / "tools/train.py", config, "--work-dir", folder / "run"]
    done = subprocess.run(
        [
            *(sys.executable, *command, "--cfg-options"),
            options.format(", ".join(backends)),
        ],
        cwd=ROOT,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "run"


def test_tensorboard(tmp_path):  # docs/training_extras.md
    pytest.importorskip("tensorboard", reason="writes the curves")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = train(tmp_path, "dict(type=mmengine.TensorboardVisBackend)")
    (events,) = run.rglob("events.out.tfevents.*")
    curves = EventAccumulator(str(events)).Reload()
    assert {"loss", "lr", "mAP"} <= set(curves.Tags()["scalars"])
    assert [point.step for point in curves.Scalars("mAP")] == [2, 4]


def test_weights_and_biases_without_a_network(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="an account's service, here without it")
    monkeypatch.setenv("WANDB_MODE", "offline")
    run = train(
        tmp_path, "dict(type=mmengine.WandbVisBackend, init_kwargs=dict(project=toy))"
    )
    assert list(run.rglob("run-*.wandb"))


def test_mlflow_in_a_folder(tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="its packages want older ones than ours")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # from its version 3.5 on
    run = train(
        tmp_path,
        f"dict(type=mmengine.MLflowVisBackend, exp_name=toy, save_dir='{tmp_path}/ml')",
    )
    assert run.exists() and list(tmp_path.rglob("metrics/loss"))

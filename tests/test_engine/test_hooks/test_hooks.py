"""The hooks in MMEngine's Runner, on a toy model."""

import copy
import os
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.engine.hooks import CompleteWeightsHook
from mmpsearch.engine.hooks.iteration_seed_hook import iteration_seed
from mmpsearch.errors import CheckpointError
from mmpsearch.utils.checkpoint import load_checkpoint
from tests import toy_training

RUNTIME = Path(__file__).parents[3] / "configs" / "_base_" / "default_runtime.py"


def _config(folder, **changes):
    loader = dict(
        dataset=dict(type="mmpsearch.ToyDataset"),
        batch_size=2,
        num_workers=0,
        sampler=dict(type="mmpsearch.ViewSampler"),
        collate_fn=dict(type="pseudo_collate"),
    )
    config = Config.fromfile(RUNTIME)
    config.merge_from_dict(
        dict(
            work_dir=str(folder),
            experiment_name=str(folder).replace("/", "_"),
            model=dict(type="mmpsearch.ToyModel"),
            train_dataloader=loader,
            train_cfg=dict(by_epoch=True, max_epochs=4, val_interval=2),
            optim_wrapper=dict(optimizer=dict(type="AdamW", lr=0.1)),
            param_scheduler=[dict(type="CosineAnnealingLR", T_max=4)],
            val_dataloader=copy.deepcopy(loader),
            val_cfg=dict(),
            val_evaluator=dict(type="mmpsearch.ToyMetric"),
            log_level="ERROR",
        )
    )
    config.merge_from_dict(changes)
    return config


def _train(config):
    runner = Runner.from_cfg(config)
    runner.train()
    return {name: value.clone() for name, value in runner.model.state_dict().items()}


class _Killed(Exception):
    pass


def _train_until(config, epoch, monkeypatch):
    """Die in the second iteration of ``epoch``, counted from 0."""
    original = toy_training.ToyModel.train_step

    def train_step(self, data, optim_wrapper):
        if runner.epoch == epoch and runner.iter % 4 == 2:
            raise _Killed
        return original(self, data, optim_wrapper)

    with monkeypatch.context() as patch:
        patch.setattr(toy_training.ToyModel, "train_step", train_step)
        runner = Runner.from_cfg(config)
        with pytest.raises(_Killed):
            runner.train()


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path, monkeypatch):
    whole = _train(_config(tmp_path / "whole"))
    config = _config(tmp_path / "killed")
    _train_until(config, 2, monkeypatch)
    torch.manual_seed(99)
    resumed = _train(_config(tmp_path / "killed", resume=True))
    for name, value in whole.items():
        assert torch.equal(value, resumed[name])
    names = sorted(p.name for p in (tmp_path / "killed").glob("*.pth"))
    assert names == ["epoch_3.pth", "epoch_4.pth"]


def test_without_seeding_the_resumed_run_differs(tmp_path, monkeypatch):
    """So the test above would notice."""

    def unseeded(name, **changes):
        config = _config(tmp_path / name, **changes)
        del config.default_hooks.iteration_seed
        return config

    whole = _train(unseeded("whole"))
    _train_until(unseeded("k"), 2, monkeypatch)
    torch.manual_seed(99)
    resumed = _train(unseeded("k", resume=True))
    assert not torch.equal(whole["hidden.weight"], resumed["hidden.weight"])


def test_iteration_seeds_do_not_collide():
    seeds = {
        iteration_seed(s, i, r) for s in range(5) for i in range(99) for r in (0, 1)
    }
    assert len(seeds) == 5 * 99 * 2
    assert iteration_seed(0, 1, 0) == iteration_seed(0, 1, 0)


def test_the_validation_of_the_resumed_epoch_is_repeated(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        toy_training.ToyMetric,
        "compute_metrics",
        lambda self, results: calls.append(sum(results)) or dict(mAP=0.0),
    )
    _train(_config(tmp_path))
    assert len(calls) == 2  # epochs 2 and 4
    # as after a kill between the last checkpoint and its validation
    _train(_config(tmp_path, resume=True))
    assert len(calls) == 3 and calls[2] == calls[1]
    # nothing belongs to epoch 3
    last = str(tmp_path / "epoch_3.pth")
    _train(_config(tmp_path / "b", resume=True, load_from=last))
    assert len(calls) == 4


def test_checkpoints_hold_plain_values_and_load_safely(tmp_path):
    _train(_config(tmp_path, default_hooks=dict(checkpoint=dict(save_best="mAP"))))
    checkpoint = load_checkpoint(tmp_path / "epoch_4.pth")
    assert checkpoint["meta"]["dataset_meta"] == dict(classes=("person",))
    assert "train/loss" in checkpoint["message_hub"]["log_scalars"]
    assert "best_score" in checkpoint["message_hub"]["runtime_info"]
    assert set(checkpoint) >= {"state_dict", "optimizer", "param_schedulers"}
    assert len(list(tmp_path.glob("best_mAP_epoch_*.pth"))) == 1


def test_a_failed_save_keeps_the_last_good_checkpoint(tmp_path, monkeypatch):
    replace = os.replace

    def fail(source, target):
        if str(target).endswith("epoch_3.pth"):
            raise OSError("no space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    keep_one = dict(checkpoint=dict(max_keep_ckpts=1))
    with pytest.raises(OSError, match="no space"):
        _train(_config(tmp_path, default_hooks=keep_one))
    load_checkpoint(tmp_path / "epoch_2.pth")
    assert (tmp_path / "last_checkpoint").read_text().endswith("epoch_2.pth")
    monkeypatch.undo()
    (tmp_path / ".epoch_3.x.tmp.pth").write_bytes(b"what a kill leaves")
    _train(_config(tmp_path, default_hooks=keep_one, resume=True))
    assert [p.name for p in tmp_path.glob("*.pth")] == ["epoch_4.pth"]


def test_a_wrong_number_of_identities_is_one_clear_error(tmp_path):
    config = _config(tmp_path, model=dict(num_identities=5))
    with pytest.raises(ValueError, match="num_identities=5.*ToyDataset has 3"):
        _train(config)


def test_a_resumed_run_needs_no_file_to_start_from(tmp_path, monkeypatch):
    _train(_config(tmp_path, train_cfg=dict(max_epochs=1)))

    def init_weights(model):
        raise CheckpointError("pretrained.pth: there is no such file")

    monkeypatch.setattr(toy_training.ToyModel, "init_weights", init_weights)
    hooks = [dict(type="mmpsearch.CompleteWeightsHook")]  # as tools/train.py --resume
    weights = _train(_config(tmp_path, custom_hooks=hooks, resume=True))
    assert all(value.isfinite().all() for value in weights.values())
    with pytest.raises(CheckpointError, match="no such file"):
        _train(_config(tmp_path / "anew"))


def test_an_incomplete_checkpoint_is_refused(tmp_path, monkeypatch):
    model = toy_training.ToyModel
    weights = _train(_config(tmp_path, train_cfg=dict(max_epochs=1)))
    del weights["output.bias"]
    torch.save(dict(state_dict=weights), tmp_path / "part.pth")
    path = str(tmp_path / "part.pth")
    runner = Runner.from_cfg(_config(tmp_path, load_from=path))
    runner.register_hook(CompleteWeightsHook())
    with pytest.raises(CheckpointError, match="output.bias: missing"):
        runner.train()
    wider = _config(tmp_path, load_from=path, model=dict(width=9))
    runner = Runner.from_cfg(wider)
    monkeypatch.setattr(model, "training_only", ("hidden",), raising=False)
    runner.register_hook(CompleteWeightsHook(for_testing=True))
    with pytest.raises(CheckpointError, match=r"output.weight: \(1, 8\), not \(1, 9\)"):
        runner.train()
    runner = Runner.from_cfg(_config(tmp_path, load_from=path))
    monkeypatch.setattr(model, "training_only", (r"output\.",))
    runner.register_hook(CompleteWeightsHook(for_testing=True))
    runner.train()

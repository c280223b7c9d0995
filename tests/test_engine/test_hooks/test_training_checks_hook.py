"""The checks before and during training, in MMEngine's Runner."""

import math
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.engine.hooks import TrainingChecksHook
from mmpsearch.errors import ConfigError, DivergedError
from mmpsearch.registry import HOOKS
from mmpsearch.utils.checkpoint import load_checkpoint
from tests import toy_training
from tests.test_engine.test_hooks.test_hooks import _config, _train

CONFIGS = sorted(
    path
    for path in (Path(__file__).parents[3] / "configs").rglob("*.py")
    if "_base_" not in path.parts
)


def test_no_config_drops_the_checks():
    """They are a default hook: ``custom_hooks`` of a schedule do not replace them."""
    assert len(CONFIGS) > 100
    for path in CONFIGS:
        hooks = Config.fromfile(path).default_hooks
        kinds = {hook["type"] for hook in hooks.values()}
        assert "mmpsearch.TrainingChecksHook" in kinds, path
        assert "mmpsearch.IterationSeedHook" in kinds, path


def test_an_infinite_loss_ends_the_training_and_keeps_what_was_saved(
    tmp_path, monkeypatch
):
    config = _config(tmp_path)
    original = toy_training.ToyModel.forward

    def forward(self, inputs, data_samples=None, mode="tensor"):
        found = original(self, inputs, data_samples, mode)
        if mode == "loss" and runner.iter == 9:
            found["loss"] = found["loss"] * math.inf
        return found

    monkeypatch.setattr(toy_training.ToyModel, "forward", forward)
    runner = Runner.from_cfg(config)
    with pytest.raises(DivergedError, match=r"iteration 10: .* \(loss inf\)"):
        runner.train()
    saved = sorted(path.name for path in tmp_path.glob("*.pth"))
    assert saved == ["epoch_1.pth", "epoch_2.pth"]


def test_weights_that_diverged_in_the_last_step_are_not_saved(tmp_path, monkeypatch):
    """The loss of that step was still finite."""
    runner = Runner.from_cfg(_config(tmp_path))
    step = toy_training.ToyModel.train_step

    def train_step(self, data, optim_wrapper):
        found = step(self, data, optim_wrapper)
        if runner.iter == 7:  # the last of the second epoch
            self.output.weight.data[0, 0] = math.nan
        return found

    monkeypatch.setattr(toy_training.ToyModel, "train_step", train_step)
    with pytest.raises(DivergedError, match=r"first output.weight \(1 in all\)"):
        runner.train()
    assert [path.name for path in tmp_path.glob("*.pth")] == ["epoch_1.pth"]
    state = load_checkpoint(tmp_path / "epoch_1.pth")["state_dict"]
    assert all(value.isfinite().all() for value in state.values())


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"optim_wrapper.optimizer.lr": 0.2},
            r"the learning rate is 0.2 by the config and the learning rate is 0.1 in",
        ),
        (
            {"optim_wrapper.optimizer.weight_decay": 0.5},
            "the optimizer's weight_decay is 0.5 by the config",
        ),
        (
            {"train_cfg.max_epochs": 6, "param_scheduler.0.T_max": 6},
            "CosineAnnealingLR's T_max is 6 by the config and .* T_max is 4 in the",
        ),
    ],
)
def test_a_resumed_run_must_follow_its_config(tmp_path, changes, message):
    _train(_config(tmp_path, train_cfg=dict(max_epochs=4)))
    with pytest.raises(ConfigError, match=message):
        _train(_config(tmp_path, resume=True, **changes))


def test_a_cosine_over_the_whole_training_cannot_be_lengthened(tmp_path):
    whole = [dict(type="CosineAnnealingLR")]  # its length is that of the training
    _train(_config(tmp_path, param_scheduler=whole))
    longer = dict(max_epochs=6)
    with pytest.raises(ConfigError, match="load_from=CHECKPOINT, without --resume"):
        _train(_config(tmp_path, param_scheduler=whole, resume=True, train_cfg=longer))


def test_steps_at_given_epochs_can_be_lengthened(tmp_path):
    steps = [dict(type="MultiStepLR", milestones=[2])]
    _train(_config(tmp_path, param_scheduler=steps))
    longer = _config(
        tmp_path, param_scheduler=steps, resume=True, train_cfg=dict(max_epochs=5)
    )
    _train(longer)
    assert (tmp_path / "epoch_5.pth").exists()


def test_epochs_after_the_schedule_are_warned_of(tmp_path, caplog):
    with caplog.at_level("WARNING"):
        short = [dict(type="CosineAnnealingLR", T_max=2, end=3)]
        _train(_config(tmp_path, param_scheduler=short, log_level="WARNING"))
    told = [record.getMessage() for record in caplog.records]
    told = [text for text in told if "learning rate is 0" in text]
    assert len(told) <= 1
    log = next(tmp_path.rglob("*.log")).read_text()
    assert log.count("the learning rate is 0 from epoch 4 to the end") == 1


@pytest.mark.parametrize(
    "name", "EmptyEpoch FiniteLoss IdentityBatch IdentityCount TeacherClasses".split()
)
def test_former_names_are_the_whole_hook(name):
    with pytest.warns(FutureWarning, match=f"{name}Hook is now part of"):
        hook = HOOKS.build(dict(type=f"mmpsearch.{name}Hook"))
    assert isinstance(hook, TrainingChecksHook)


def test_a_stock_model_is_asked_nothing(tmp_path):
    plain = torch.nn.Linear(2, 2)
    loader = torch.utils.data.DataLoader([1, 2])

    class Stand:
        model, train_dataloader, iter = plain, loader, 0

    TrainingChecksHook().before_train(Stand)


def test_resuming_with_other_groups_says_what_to_do(tmp_path):
    config = _config(tmp_path)
    one = dict(custom_keys=dict(output=dict(lr_mult=0.5)))
    config.optim_wrapper.update(paramwise_cfg=one)
    Runner.from_cfg(config).train()
    config.optim_wrapper.constructor = "mmpsearch.MergedGroupsConstructor"
    config.resume, config.load_from = True, str(tmp_path / "epoch_4.pth")
    with pytest.raises(
        ConfigError, match="has 4 groups .* config's 2 with 4 param"
    ) as e:
        Runner.from_cfg(config).train()
    option = "optim_wrapper.constructor=mmengine.DefaultOptimWrapperConstructor"
    assert option in str(e.value)
    config.optim_wrapper.constructor = option.partition("=")[2]
    Runner.from_cfg(config).train()
    config.optim_wrapper.pop("paramwise_cfg")
    with pytest.raises(ConfigError, match="has 4 groups .* load_from=CHECKPOINT"):
        Runner.from_cfg(config).train()

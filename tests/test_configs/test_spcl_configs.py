"""Every SpCL config trains and is tested on a few rendered crops."""

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmpsearch.utils.checkpoint import use_safe_checkpoints
from tests.spcl_runs import CONFIGS, PEOPLE, PICTURES, render, small_config

NAMES = sorted(path.name for path in CONFIGS.glob("*.py"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return render(tmp_path_factory.mktemp("rendered"))


@pytest.mark.parametrize("name", NAMES)
def test_trains_and_tests(name, data, tmp_path):
    use_safe_checkpoints()
    runner = Runner.from_cfg(small_config(name, data, tmp_path))
    runner.train()
    scalars = runner.message_hub.log_scalars
    losses = scalars["train/loss"].data[0]
    assert len(losses) >= 2 and np.isfinite(losses).all()
    with_source = "source" in runner.cfg.train_dataloader.dataset
    assert ("train/loss_source" in scalars) == with_source
    memory = runner.model.memory
    assert memory.num_source == PEOPLE * with_source
    assert len(memory.target_features) == PICTURES
    metrics = runner.test()
    assert 0 < metrics["mAP"] <= 1


def test_published_recipe():
    config = Config.fromfile(CONFIGS / "spcl_r50_market1501.py")
    loader = config.train_dataloader
    assert loader.batch_size == loader.sampler.batch_size == 64
    assert (loader.sampler.iterations, loader.sampler.num_instances) == (400, 4)
    assert (config.model.temperature, config.model.momentum) == (0.05, 0.2)
    assert config.train_cfg.max_epochs == 50
    assert config.param_scheduler[0].milestones == [20, 40]
    both = Config.fromfile(CONFIGS / "spcl_r50_personx-to-market1501.py")
    loader = both.train_dataloader  # 64 of each
    assert loader.batch_size == loader.sampler.batch_size == 128
    assert both.model.domain_batch_norm
